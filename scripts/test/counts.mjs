/**
 * How many tests a runner has run, in its own words.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** @type {Counts} */
export const NONE = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  return all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NONE,
  );
}

/**
 * @param {string} json what Vitest's "json" reporter writes
 * @returns {Counts} a file that failed before any of its tests counts as one failed test
 */
export function countVitest(json) {
  const {
    numPassedTests,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults = [],
  } = JSON.parse(json);
  /** @type {{ status: string, assertionResults: { status: string }[] }[]} */
  const files = testResults;
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  return counts({
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
  });
}

/**
 * @param {string} json what Playwright's "json" reporter writes
 * @returns {Counts} a test that passed at the second try only counts as failed, and so does a fault outside of tests
 */
export function countPlaywright(json) {
  const { stats, errors = [] } = JSON.parse(json);
  const { expected, unexpected, flaky, skipped } = stats;
  return counts({ passed: expected, failed: unexpected + flaky + errors.length, skipped });
}

/**
 * @param {string} xml what pytest writes with --junit-xml: a <testsuite> with its counts as attributes
 * @returns {Counts} an error around a test (in a fixture) counts as failed
 */
export function countPytest(xml) {
  const [suite = ""] = /<testsuite\s[^>]*>/.exec(xml) ?? [];
  const number = (/** @type {string} */ name) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(suite)?.[1]);
  const failed = number("failures") + number("errors");
  const skipped = number("skipped");
  return counts({ passed: number("tests") - failed - skipped, failed, skipped });
}

/**
 * @param {string} json what the rehearsal of a deployment writes with --report
 * @returns {Counts}
 */
export function countRehearsal(json) {
  const { kept, broken } = JSON.parse(json);
  return counts({ passed: kept, failed: broken, skipped: 0 });
}

/**
 * @param {Counts} found
 * @returns {Counts} the same
 * @throws when a count is not one: then the runner's report has changed, and a guess would be worse than an error
 */
function counts(found) {
  for (const [name, value] of Object.entries(found)) {
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`The report does not say how many tests ${name}.`);
  }
  return found;
}
