import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeTrack } from "../testing/fake-media";
import { type FrameInput, framesOf } from "./frame-input";
import { openFrameSource } from "./frame-source";

/** Gives frames for as long as its track lives, and does not end the track when it is cancelled: as WebKit does. */
class FakeProcessor {
  static readonly read: FakeTrack[] = [];
  readonly readable: ReadableStream<VideoFrame>;
  constructor({ track }: { track: MediaStreamTrack }) {
    const source = track as unknown as FakeTrack;
    if (source.readyState === "ended") throw new TypeError("Input track cannot be ended");
    FakeProcessor.read.push(source);
    this.readable = new ReadableStream<VideoFrame>({
      pull: (controller) => controller.enqueue({ close: () => {} } as VideoFrame),
    });
  }
}

class ClonedTrack extends FakeTrack {
  readonly clones: ClonedTrack[] = [];
  clone(): ClonedTrack {
    const clone = new ClonedTrack("video");
    this.clones.push(clone);
    return clone;
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  FakeProcessor.read.length = 0;
});

const open = (camera: ClonedTrack, post: (input: FrameInput) => void) =>
  openFrameSource(camera.asTrack, { details: {}, encoderHasTrackProcessor: true, post });

describe("frames that the page hands over", () => {
  it("come from a clone, which ends with the source; the preview goes on", () => {
    vi.stubGlobal("MediaStreamTrackProcessor", FakeProcessor);
    const camera = new ClonedTrack("video");
    const source = open(camera, () => {});
    expect(FakeProcessor.read).toEqual(camera.clones);
    source.close();
    expect(camera.clones.map(({ readyState }) => readyState)).toEqual(["ended"]);
    expect(camera.readyState).toBe("live");
  });
});

describe("a track that the worker reads", () => {
  it("is a clone, and is stopped where it is read when nobody reads it any more", async () => {
    const camera = new ClonedTrack("video");
    let input: FrameInput | undefined;
    open(camera, (given) => {
      input = given;
    });
    // From here on the worker's side.
    vi.stubGlobal("MediaStreamTrackProcessor", FakeProcessor);
    if (input?.from !== "track") throw new Error("The track itself was to be posted.");
    const reader = framesOf(input).getReader();
    expect((await reader.read()).done).toBe(false);
    expect(camera.clones.map(({ readyState }) => readyState)).toEqual(["live"]);
    await reader.cancel();
    expect(camera.clones.map(({ readyState }) => readyState)).toEqual(["ended"]);
    expect(camera.readyState).toBe("live");
  });

  it("leaves no clone where tracks do not travel", () => {
    const camera = new ClonedTrack("video");
    const draw = {
      requestVideoFrameCallback: () => 1,
      cancelVideoFrameCallback: () => {},
      play: async () => {},
    };
    vi.stubGlobal("document", { createElement: () => ({ ...draw }) });
    vi.stubGlobal(
      "OffscreenCanvas",
      class {
        getContext = () => null;
      },
    );
    vi.stubGlobal("MediaStream", class {});
    const source = open(camera, ({ from }) => {
      if (from === "track") throw new DOMException("no", "DataCloneError");
    });
    expect(source.from).toBe("port");
    source.close();
    expect(camera.clones.map(({ readyState }) => readyState)).toEqual(["ended"]);
  });
});
