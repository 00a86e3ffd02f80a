import { describe, expect, it } from "vitest";
import { type Choices, choicesMemory, DEFAULT_CHOICES } from "./choices-memory";

function storage(written: string | null = null) {
  return {
    written,
    getItem() {
      return this.written;
    },
    setItem(_key: string, value: string) {
      this.written = value;
    },
  };
}

describe("what was chosen", () => {
  it("is there at the next visit", () => {
    const kept = storage();
    const choices: Choices = { preset: "sharp", cadence: "realtime", devices: { camera: "back" } };
    choicesMemory(kept).write(choices);
    expect(choicesMemory(kept).read()).toEqual(choices);
  });

  it.each([null, "", "{", "7", '{"preset":"huge","cadence":1,"devices":{"camera":7,"microphone":null}}'])(
    "is the default where nothing of use is kept: %s",
    (written) => {
      expect(choicesMemory(storage(written)).read()).toEqual(DEFAULT_CHOICES);
    },
  );

  it("holds for one visit where the browser keeps nothing", () => {
    const forbidden = {
      getItem: () => {
        throw new Error("SecurityError");
      },
      setItem: () => {
        throw new Error("QuotaExceededError");
      },
    };
    for (const memory of [choicesMemory(forbidden), choicesMemory(null)]) {
      memory.write(DEFAULT_CHOICES);
      expect(memory.read()).toEqual(DEFAULT_CHOICES);
    }
  });
});
