/** What the end-to-end tests note their browser under; see e2e/support/engines-reporter.ts. */
const ANNOTATION = "engine";

/** @typedef {{ annotations?: { type: string, description?: string }[] }} Annotated */
/** @typedef {{ specs?: { tests: Annotated[] }[], suites?: Suite[] }} Suite */

/**
 * @param {string} json what Playwright's "json" reporter writes
 * @returns {string} the engines that ran, because which ones there are depends on the machine
 */
export function describeEngines(json) {
  /** @type {Map<string, number>} */
  const tests = new Map();
  /** @param {Suite} suite */
  const count = ({ specs = [], suites = [] }) => {
    for (const { annotations = [] } of specs.flatMap((spec) => spec.tests)) {
      for (const { type, description } of annotations) {
        if (type === ANNOTATION && description) tests.set(description, (tests.get(description) ?? 0) + 1);
      }
    }
    suites.forEach(count);
  };
  count(JSON.parse(json));
  return [...tests]
    .sort()
    .map(([engine, number]) => `${engine}: ${number} tests`)
    .join(", ");
}
