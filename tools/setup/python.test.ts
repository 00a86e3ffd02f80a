import { describe, expect, it } from "vitest";
import { chooseInterpreter } from "./python.ts";

const interpreter = (command: string, version: string, canMakeVenv = true) => ({
  command,
  args: [],
  version,
  canMakeVenv,
});

describe("the Python that is chosen", () => {
  it("is the first that is new enough and can make a virtual environment", () => {
    const found = [
      interpreter("python3", "3.9.2"),
      interpreter("python", "3.11.2", false),
      interpreter("py", "3.13.0"),
    ];
    expect(chooseInterpreter(found).command).toBe("py");
  });

  it("is asked for when there is none", () => {
    expect(() => chooseInterpreter([])).toThrow(
      /Python 3\.11 or newer is needed, and none was found: install it/,
    );
  });

  it("is said to be missing where PYTHON names one that is not there", () => {
    expect(() => chooseInterpreter([], "/nowhere/python")).toThrow(
      /^PYTHON names "\/nowhere\/python", which is not there/,
    );
  });

  it("is named with its version when it is too old", () => {
    expect(() => chooseInterpreter([interpreter("python3", "3.9.2")])).toThrow(
      /python3 is 3\.9\.2: install a newer/,
    );
  });

  it("is told from a Python without its venv module, as Debian ships it", () => {
    expect(() => chooseInterpreter([interpreter("python3", "3.11.2", false)])).toThrow(
      /without its venv module.*apt install python3-venv/,
    );
  });
});
