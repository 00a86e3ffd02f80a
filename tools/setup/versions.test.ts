import { describe, expect, it } from "vitest";
import { compareVersions } from "./versions.ts";

describe("versions", () => {
  it.each([
    ["20.19.0", "20.19.0", 0],
    ["20.9.0", "20.19.0", -1],
    ["3.9.2", "3.11", -1],
    ["3.11", "3.11.0", 0],
    ["v24.1.0", "22.18.0", 1],
    ["22.18.0-nightly", "22.18.0", 0],
  ])("%s against %s is %i", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
