/** How many tests a runner has run, in its own words. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    NONE,
  );
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults?: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * @param json what Vitest's "json" reporter writes
 * @returns a file that failed before any of its tests counts as one failed test
 */
export function countVitest(json: string): Counts {
  const {
    numPassedTests,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults = [],
  } = JSON.parse(json) as VitestReport;
  const broken = testResults.filter(
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
 * @param json what Playwright's "json" reporter writes
 * @returns a test that passed at the second try only counts as failed, and so does a fault outside of tests
 */
export function countPlaywright(json: string): Counts {
  const { stats, errors = [] } = JSON.parse(json);
  const { expected, unexpected, flaky, skipped } = stats;
  return counts({ passed: expected, failed: unexpected + flaky + errors.length, skipped });
}

/**
 * @param xml what pytest writes with --junit-xml: a <testsuite> with its counts as attributes
 * @returns an error around a test (in a fixture) counts as failed
 */
export function countPytest(xml: string): Counts {
  const [suite = ""] = /<testsuite\s[^>]*>/.exec(xml) ?? [];
  const number = (name: string) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(suite)?.[1]);
  const failed = number("failures") + number("errors");
  const skipped = number("skipped");
  return counts({ passed: number("tests") - failed - skipped, failed, skipped });
}

/**
 * @returns the same
 * @throws when a count is not one: then the runner's report has changed, and a guess would be worse than an error
 */
function counts(found: Counts): Counts {
  for (const [name, value] of Object.entries(found)) {
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`The report does not say how many tests ${name}.`);
  }
  return found;
}
