import { describe, expect, it } from "vitest";
import { forcedSettings } from "./forced-settings";

describe("what the page's address forces", () => {
  it("is nothing when it does not say", () => {
    expect(forcedSettings("")).toEqual({ encoder: "auto", cadence: undefined });
  });

  it("is an encoder and a cadence", () => {
    expect(forcedSettings("?encoder=webcodecs&cadence=realtime")).toEqual({
      encoder: "webcodecs",
      cadence: "realtime",
    });
    expect(forcedSettings("?encoder=media-recorder&cadence=250")).toEqual({
      encoder: "media-recorder",
      cadence: { everyMs: 250 },
    });
  });

  it.each(["?encoder=flash", "?cadence=", "?cadence=soon", "?cadence=0", "?cadence=-100", "?cadence=1e9"])(
    "is nothing for %s",
    (search) => {
      expect(forcedSettings(search)).toEqual({ encoder: "auto", cadence: undefined });
    },
  );
});
