import { describe, expect, it } from "vitest";
import { describeEngines } from "./engines.ts";

describe("the engines that ran", () => {
  it("are those that tests noted, however deep they are nested", () => {
    const noted = (description: string) => ({
      tests: [{ annotations: [{ type: "engine", description }, { type: "other" }] }],
    });
    const report = {
      suites: [
        {
          specs: [noted("WebKitGTK 2.50.6")],
          suites: [{ specs: [noted("Chromium 156.0"), noted("WebKitGTK 2.50.6")] }],
        },
        { specs: [{ tests: [{ annotations: [] }] }] },
      ],
    };
    expect(describeEngines(JSON.stringify(report))).toBe(
      "Chromium 156.0: 1 tests, WebKitGTK 2.50.6: 2 tests, Firefox: not run, there is none here",
    );
  });

  it("are told apart from Firefox, where there is none", () => {
    const report = {
      suites: [
        { specs: [{ tests: [{ annotations: [{ type: "engine", description: "Firefox 153.8.0" }] }] }] },
      ],
    };
    expect(describeEngines(JSON.stringify(report))).toBe("Firefox 153.8.0: 1 tests");
  });
});
