/**
 * Why the set-up or a start cannot go on. Scripts that call these commands may rely on the codes staying as they are.
 *
 * @typedef {"node-too-old" | "bad-option" | "offline" | "install-failed" | "python-missing" | "python-too-old"
 *   | "venv-missing" | "build-failed" | "port-in-use" | "port-forbidden" | "service-failed" | "browser-missing"
 *   | "tool-missing"} FailureCode
 */

/** A failure with its remedy: the message is the one sentence that the person at the terminal reads. */
export class SetupFailure extends Error {
  /**
   * @param {FailureCode} code
   * @param {string} message what is wrong and what to do about it
   */
  constructor(code, message) {
    super(message);
    this.name = "SetupFailure";
    this.code = code;
  }
}

/**
 * Tells the person what went wrong. A SetupFailure is told in its own words; anything else is a fault of this project
 * and keeps its stack trace.
 *
 * @param {unknown} error
 */
export function tell(error) {
  console.error(error instanceof SetupFailure ? error.message : error);
}

/**
 * Runs a command's main function to its end and leaves with its exit code.
 *
 * @param {() => Promise<number>} main returns the exit code
 */
export async function runMain(main) {
  try {
    process.exit(await main());
  } catch (error) {
    tell(error);
    process.exit(1);
  }
}
