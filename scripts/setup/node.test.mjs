import { describe, expect, it } from "vitest";
import { compareVersions, OLDEST_NODE, requireNode } from "./node.mjs";

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

  it("says which Node is needed and where to get it when the present one is too old", () => {
    expect(() => requireNode(OLDEST_NODE, "18.20.4")).toThrow(
      "Node 20.19.0 or newer is needed, and this is 18.20.4: install a current one from https://nodejs.org",
    );
    expect(() => requireNode(OLDEST_NODE, "20.19.0")).not.toThrow();
  });
});
