import { afterEach, describe, expect, it, vi } from "vitest";
import type { AudioInput } from "../devices/audio-input";
import { PCM_STOP, type PcmInput } from "./pcm-input";
import { openPcmSource } from "./pcm-source";

afterEach(() => vi.unstubAllGlobals());

const trackOf = (sampleRate: number | undefined) =>
  ({ getSettings: () => ({ sampleRate }), clone: vi.fn(), stop: vi.fn() }) as unknown as MediaStreamTrack;

function audioInput() {
  const disconnect = vi.fn();
  const node = { port: { postMessage: vi.fn(), close: vi.fn() } };
  vi.stubGlobal(
    "AudioWorkletNode",
    class {
      port = node.port;
    },
  );
  const input = {
    context: { sampleRate: 48_000, audioWorklet: { addModule: vi.fn(async () => {}) } },
    connect: vi.fn(() => disconnect),
  };
  return {
    input: input as unknown as AudioInput,
    addModule: input.context.audioWorklet.addModule,
    node,
    disconnect,
  };
}

function processor(constructed?: () => void) {
  vi.stubGlobal(
    "MediaStreamTrackProcessor",
    class {
      readable = new ReadableStream();
      constructor() {
        constructed?.();
      }
    },
  );
}

async function open(track: MediaStreamTrack, input: AudioInput) {
  const posted: { input: PcmInput; transfer: Transferable[] }[] = [];
  const source = await openPcmSource(input, track, {
    workletUrl: "worklet.js",
    post: (sound, transfer) => posted.push({ input: sound, transfer }),
  });
  return { source, posted };
}

describe("the way of sound to an encoder", () => {
  it("is straight from the track where that can be read, and leaves the track alone", async () => {
    processor();
    const { input, addModule } = audioInput();
    const track = trackOf(48_000);
    const { source, posted } = await open(track, input);
    expect(posted).toMatchObject([{ input: { by: "track", sampleRate: 48_000 } }]);
    expect(posted[0]?.transfer).toHaveLength(1);
    expect(addModule).not.toHaveBeenCalled();
    source.close();
    expect(track.stop).not.toHaveBeenCalled();
    // A clone would not be muted with it.
    expect(track.clone).not.toHaveBeenCalled();
  });

  it.each([
    ["a rate that no encoder was probed with", 44_100],
    ["a rate that nobody tells", undefined],
  ])("is by a worklet for a microphone of %s", async (_what, sampleRate) => {
    processor();
    const { input } = audioInput();
    const { posted } = await open(trackOf(sampleRate), input);
    expect(posted).toMatchObject([{ input: { by: "worklet", sampleRate: 48_000 } }]);
  });

  it("is by a worklet where tracks can be read for their pictures only", async () => {
    processor(() => {
      throw new TypeError("Input track must be video");
    });
    const { input } = audioInput();
    const { posted } = await open(trackOf(48_000), input);
    expect(posted).toMatchObject([{ input: { by: "worklet" } }]);
  });

  it("ends its worklet and lets go of the microphone", async () => {
    const { input, node, disconnect } = audioInput();
    const { source } = await open(trackOf(48_000), input);
    source.close();
    expect(disconnect).toHaveBeenCalledOnce();
    expect(node.port.postMessage).toHaveBeenLastCalledWith(PCM_STOP);
    expect(node.port.close).toHaveBeenCalledOnce();
  });
});
