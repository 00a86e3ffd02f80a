/**
 * An environment that has nothing of this process's own.
 *
 * @param {Record<string, string | undefined>} variables
 * @returns {NodeJS.ProcessEnv} Next.js declares NODE_ENV as always present, which a container's environment need not be
 */
export const processEnv = (variables) => /** @type {NodeJS.ProcessEnv} */ (variables);
