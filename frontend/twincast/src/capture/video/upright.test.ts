import { describe, expect, it } from "vitest";
import { FakeFrame } from "../testing/fake-codecs";
import { encodedSize, needsDrawing, uprightSize } from "./upright";

const HD = { width: 1280, height: 720 };

describe("the size to encode at", () => {
  it.each([
    ["as it is", { width: 640, height: 480 }, { width: 640, height: 480 }],
    ["as it is, standing", { width: 720, height: 1280 }, { width: 720, height: 1280 }],
    ["halved", { width: 2560, height: 1440 }, HD],
    ["as small as the shorter side asks", { width: 1280, height: 960 }, { width: 960, height: 720 }],
    ["even, for encoders that halve colour", { width: 641, height: 359 }, { width: 642, height: 360 }],
    ["never nothing", { width: 1, height: 1 }, { width: 2, height: 2 }],
  ])("is %s", (_name, picture, size) => {
    expect(encodedSize(picture, HD)).toEqual(size);
  });
});

describe("a frame", () => {
  const size = { width: 640, height: 480 };

  it("is encoded as it is when it stands upright", () => {
    expect(needsDrawing(new FakeFrame(0).asFrame, size, true)).toBe(false);
  });

  it.each([90, 180, 270])("is drawn when it is turned by %d degrees", (rotation) => {
    expect(needsDrawing(new FakeFrame(0, 640, 480, rotation).asFrame, size, false)).toBe(true);
  });

  it("is left to the encoder's own scaling, except in engines too old for it", () => {
    expect(needsDrawing(new FakeFrame(0, 1280, 960).asFrame, size, false)).toBe(false);
    expect(needsDrawing(new FakeFrame(0, 1280, 960, "hidden").asFrame, size, false)).toBe(true);
  });

  it("is drawn where the engine hides its rotation, and only there", () => {
    const frame = new FakeFrame(0, 640, 480, "hidden").asFrame;
    expect(needsDrawing(frame, size, true)).toBe(true);
    expect(needsDrawing(frame, size, false)).toBe(false);
  });

  it("has the size that the page sees where it hides its rotation", () => {
    const standing = { width: 480, height: 640 };
    expect(uprightSize(new FakeFrame(0, 640, 480, "hidden").asFrame, standing)).toEqual(standing);
    expect(uprightSize(new FakeFrame(0, 640, 480).asFrame, standing)).toEqual(size);
    expect(uprightSize(new FakeFrame(0, 640, 480, "hidden").asFrame, {})).toEqual(size);
  });
});
