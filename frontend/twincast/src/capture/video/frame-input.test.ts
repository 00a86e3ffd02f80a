import { describe, expect, it, vi } from "vitest";
import { FakeFrame } from "../testing/fake-codecs";
import { framesOf } from "./frame-input";

/** Some engines deliver what was under way when the other end, or this one, closed the port. */
class LatePort {
  onmessage: ((event: { data: VideoFrame | null }) => void) | null = null;
  readonly postMessage = vi.fn();
  readonly close = vi.fn();
}

function open() {
  const port = new LatePort();
  const frames = framesOf({ from: "port", port: port as unknown as MessagePort, details: {} });
  return { give: (data: VideoFrame | null) => port.onmessage?.({ data }), port, reader: frames.getReader() };
}

describe("frames that a page draws", () => {
  it("end with the page's word, and however often it says so", async () => {
    const { give, reader } = open();
    give(new FakeFrame(0).asFrame);
    give(null);
    give(null);
    expect((await reader.read()).done).toBe(false);
    expect((await reader.read()).done).toBe(true);
  });

  it("are let go of when they come to an encoder that reads no more, and disturb nothing", async () => {
    const { give, port, reader } = open();
    await reader.cancel();
    const late = new FakeFrame(0);
    give(late.asFrame);
    give(null);
    expect(late.isClosed).toBe(true);
    expect(port.close).toHaveBeenCalled();
  });

  it("are let go of when they come after the end", () => {
    const { give } = open();
    give(null);
    const late = new FakeFrame(0);
    give(late.asFrame);
    expect(late.isClosed).toBe(true);
  });
});

describe("frames of a track that is read where they are encoded", () => {
  it("are let go of when one comes while the encoder stops to read", async () => {
    let give = (_result: { done: boolean; value: VideoFrame }) => {};
    const stop = vi.fn();
    vi.stubGlobal(
      "MediaStreamTrackProcessor",
      class {
        readable = {
          getReader: () => ({
            read: () =>
              new Promise((resolve) => {
                give = resolve;
              }),
            cancel: async () => {},
          }),
        };
      },
    );
    const reader = framesOf({
      from: "track",
      track: { stop } as unknown as MediaStreamTrack,
      details: {},
    }).getReader();
    const read = reader.read();
    await Promise.resolve();
    await reader.cancel();
    const late = new FakeFrame(0);
    give({ done: false, value: late.asFrame });
    expect((await read).done).toBe(true);
    await Promise.resolve();
    expect(late.isClosed).toBe(true);
    expect(stop).toHaveBeenCalled();
    vi.unstubAllGlobals();
  });
});
