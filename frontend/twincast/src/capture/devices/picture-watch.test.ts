import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../testing/fake-clock";
import { FakeTrack } from "../testing/fake-media";
import type { FrameDetails } from "../video/frame-input";
import { watchPicture } from "./picture-watch";

let clock: FakeClock;
let track: FakeTrack;
let changes: FrameDetails[];

beforeEach(() => {
  clock = new FakeClock();
  track = new FakeTrack("video");
  track.settings = { width: 1280, height: 720, frameRate: 30, facingMode: "environment" };
  changes = [];
});

describe("the picture", () => {
  it("is told when the phone is turned, within half a second, and once", async () => {
    let angle = 90;
    const { details, stop } = watchPicture({
      track: track.asTrack,
      onChange: (changed) => changes.push(changed),
      clock,
      angle: () => angle,
    });
    expect(details).toEqual({
      width: 1280,
      height: 720,
      frameRate: 30,
      facing: "environment",
      orientation: 90,
    });
    track.settings = { ...track.settings, width: 720, height: 1280 };
    angle = 0;
    await clock.advance(5_000);
    expect(changes).toEqual([{ ...details, width: 720, height: 1280, orientation: 0 }]);
    stop();
    expect(clock.pending).toBe(0);
  });

  it("is as the preview shows it, where there is one", async () => {
    const video = { videoWidth: 0, videoHeight: 0 };
    watchPicture({
      track: track.asTrack,
      video,
      onChange: (changed) => changes.push(changed),
      clock,
      angle: () => 0,
    });
    video.videoWidth = 720;
    video.videoHeight = 1280;
    await clock.advance(500);
    expect(changes).toMatchObject([{ width: 720, height: 1280 }]);
  });

  it("of a track that ended is no news", async () => {
    watchPicture({
      track: track.asTrack,
      onChange: (changed) => changes.push(changed),
      clock,
      angle: () => 0,
    });
    track.end();
    track.settings = {};
    await clock.advance(5_000);
    expect(changes).toEqual([]);
  });
});
