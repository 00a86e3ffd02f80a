import { describe, expect, it } from "vitest";
import { countPlaywright, countPytest, countVitest, sum } from "./counts.ts";

describe("the number of tests", () => {
  it("is Vitest's", () => {
    const report = {
      numTotalTests: 12,
      numPassedTests: 8,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
    };
    expect(countVitest(JSON.stringify(report))).toEqual({ passed: 8, failed: 1, skipped: 3 });
  });

  it("is Vitest's, and a file that could not be read is a failure", () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [
        { status: "passed", assertionResults: [{ status: "passed" }] },
        { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] },
        { status: "failed", assertionResults: [] },
      ],
    };
    expect(countVitest(JSON.stringify(report))).toEqual({ passed: 2, failed: 2, skipped: 0 });
  });

  it("is Playwright's, and what passes at the second try only has failed", () => {
    const report = {
      stats: { startTime: "", duration: 1, expected: 5, skipped: 1, unexpected: 2, flaky: 1 },
    };
    expect(countPlaywright(JSON.stringify(report))).toEqual({ passed: 5, failed: 3, skipped: 1 });
  });

  it("is Playwright's, and what breaks outside of tests has failed", () => {
    const stats = { expected: 5, skipped: 0, unexpected: 0, flaky: 0 };
    expect(countPlaywright(JSON.stringify({ stats, errors: [{ message: "global set-up" }] })).failed).toBe(1);
  });

  it("is pytest's, and what breaks around a test has failed", () => {
    const report = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest"
      errors="1" failures="2" skipped="3" tests="10" time="0.1" timestamp="2026-01-01T00:00:00" hostname="tests=99">
      <testcase classname="a" name="b" time="0.001" /></testsuite></testsuites>`;
    expect(countPytest(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it.each([
    ["Vitest", countVitest, "{}"],
    ["Playwright", countPlaywright, '{"stats":{}}'],
    ["pytest", countPytest, "<testsuites></testsuites>"],
  ])("is not guessed when %s's report does not say", (_name, count, text) => {
    expect(() => count(text)).toThrow("The report does not say");
  });

  it("adds up over the runners", () => {
    const one = { passed: 1, failed: 2, skipped: 3 };
    expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
    expect(sum([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  });
});
