import { describe, expect, it } from "vitest";
import { parseTestOptions } from "./options.ts";

const known = ["lint", "unit", "stories"];

describe("options of npm test", () => {
  it("are none for everything", () => {
    expect(parseTestOptions([], {}, known)).toEqual({
      help: false,
      keepGoing: false,
      verbose: false,
      names: known,
    });
  });

  it("name the steps to run, which keep their order", () => {
    expect(parseTestOptions(["stories", "lint"], {}, known).names).toEqual(["lint", "stories"]);
  });

  it("keep going and print everything in CI", () => {
    expect(parseTestOptions([], { CI: "true" }, known)).toMatchObject({ keepGoing: true, verbose: true });
    expect(parseTestOptions([], { CI: "false" }, known)).toMatchObject({ keepGoing: false, verbose: false });
  });

  it("refuse a step that there is not, and name those that there are", () => {
    expect(() => parseTestOptions(["strories"], {}, known)).toThrow(
      'There is no step "strories": the steps are lint, unit, stories.',
    );
  });

  it("refuse what they do not know", () => {
    expect(() => parseTestOptions(["--bogus"], {}, known)).toThrow(/'--bogus'.*"npm test -- --help" lists/);
  });
});
