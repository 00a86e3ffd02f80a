import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { describeApi, FACES, reportFile } from "./report.ts";

const HINT =
  'a change for everybody who uses the package; if it is meant, run "npm run api" and commit what it wrote';

describe("what other people's pages see of the package", () => {
  let described: Awaited<ReturnType<typeof describeApi>>;
  beforeAll(async () => {
    described = await describeApi();
  }, 120_000);

  it.each(FACES)("is by %s what its report says", (face) => {
    expect(described.reports.get(face), HINT).toBe(readFileSync(reportFile(face), "utf8"));
  });

  it("is documented, and names no type that nobody can import", () => {
    expect(described.complaints).toEqual([]);
  });
});
