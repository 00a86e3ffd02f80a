import { expect, it } from "vitest";
import { Report } from "./report.mjs";

function newReport() {
  /** @type {string[]} */
  const lines = [];
  return { lines, report: new Report((line) => lines.push(line)) };
}

it("numbers its sections and says that every promise was kept", () => {
  const { lines, report } = newReport();
  report.section("Start");
  report.check("it starts", true);
  report.section("Stop");
  expect(report.end()).toBe(true);
  expect(lines.slice(0, 3)).toEqual(["\n1. Start", "   ✓ it starts", "\n2. Stop"]);
  expect(lines.at(-1)).toMatch(/1 promises kept/);
});

it("shows what it found instead, and names the broken promises at the end", () => {
  const { lines, report } = newReport();
  report.check("nothing is lost", false, { missing: [3] });
  expect(report.end()).toBe(false);
  expect(report.counts).toEqual({ kept: 0, broken: 1 });
  expect(lines).toContain('     found: {"missing":[3]}');
  expect(lines.at(-1)).toMatch(/1 of 1 promises broken:\n {3}✗ nothing is lost/);
});

it("does not pass when nothing was promised", () => {
  expect(newReport().report.end()).toBe(false);
});
