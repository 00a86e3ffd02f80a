import { describe, expect, it } from "vitest";
import vectors from "../../../../protocol/watch-vectors.json" with { type: "json" };
import { ProtocolError } from "./frames";
import {
  formatViewerMessage,
  parseWatchMessage,
  type ViewerMessage,
  WATCH_SUBPROTOCOL,
  watchCloseReaction,
} from "./watch-messages";

it("speaks the viewers' sub-protocol of the vectors", () => {
  expect(WATCH_SUBPROTOCOL).toBe(vectors.subprotocol);
});

describe("a message to a viewer", () => {
  it.each(vectors.backendMessages)("is read as the vectors say: $name", ({ text, read }) => {
    // The fields that a viewer has a use for.
    expect(read).toMatchObject(parseWatchMessage(text));
  });

  it.each(vectors.badBackendMessages)("is refused: $name", ({ text }) => {
    expect(() => parseWatchMessage(text)).toThrow(ProtocolError);
  });
});

it.each(vectors.viewerMessages)(
  "a viewer's message is written as the backend reads it: $name",
  ({ read }) => {
    expect(JSON.parse(formatViewerMessage(read as ViewerMessage))).toEqual(read);
  },
);

describe("a close code", () => {
  it.each(vectors.closeCodes)("$code leads to what the vectors say: $viewer", ({ code, viewer }) => {
    expect(watchCloseReaction(code)).toBe(viewer);
  });

  it("that is in no table is worth another try", () => {
    const known = new Set(vectors.closeCodes.map(({ code }) => code));
    for (let code = 1_000; code < 5_000; code++) {
      if (!known.has(code)) expect(watchCloseReaction(code), String(code)).toBe("retry");
    }
  });
});
