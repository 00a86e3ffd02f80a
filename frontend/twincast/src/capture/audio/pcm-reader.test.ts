import { describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "../../testing/fake-clock";
import { PCM_BLOCK_MS, type PcmBlock } from "./pcm-input";
import { readPcm } from "./pcm-reader";

const RATE_HZ = 48_000;
const BLOCK = (RATE_HZ * PCM_BLOCK_MS) / 1_000;

/** What a track's processor gives: here every channel holds one value throughout. */
function sound(timestampUs: number, frames: number, channels: readonly number[], sampleRate = RATE_HZ) {
  const close = vi.fn();
  const data = {
    timestamp: timestampUs,
    sampleRate,
    numberOfFrames: frames,
    numberOfChannels: channels.length,
    copyTo: (plane: Float32Array, { planeIndex }: { planeIndex: number }) =>
      plane.fill(channels[planeIndex] ?? 0),
    close,
  };
  return { data: data as unknown as AudioData, close };
}

function reading() {
  let controller: ReadableStreamDefaultController<AudioData> | undefined;
  const cancel = vi.fn();
  const stream = new ReadableStream<AudioData>({
    start(made) {
      controller = made;
    },
    cancel,
  });
  const blocks: PcmBlock[] = [];
  const onFailure = vi.fn();
  const clock = new FakeClock(5_000);
  const end = readPcm(
    { by: "track", sound: stream, sampleRate: RATE_HZ },
    { onBlock: (block) => blocks.push(block), onFailure, clock },
  );
  const give = async (data: AudioData) => {
    controller?.enqueue(data);
    await settle();
  };
  return { blocks, onFailure, end, give, cancel, endOfTrack: () => controller?.close() };
}

describe("sound from a track", () => {
  it("is cut into blocks of 20 ms, whatever it comes in", async () => {
    const { blocks, give } = reading();
    const lengths = [480, 480, 441, 1_000, 479];
    let position = 0;
    for (const length of lengths) {
      await give(sound((position / RATE_HZ) * 1e6, length, [0.5]).data);
      position += length;
    }
    expect(blocks.map((block) => [block.position, block.samples.length, block.at])).toEqual([
      [0, BLOCK, 5_000],
      [BLOCK, BLOCK, 5_000],
      [2 * BLOCK, BLOCK, 5_000],
    ]);
    expect(blocks.every(({ samples }) => samples.every((sample) => sample === 0.5))).toBe(true);
  });

  it("is the mean of its channels", async () => {
    const { blocks, give } = reading();
    await give(sound(0, BLOCK, [0.5, -0.25]).data);
    expect(blocks[0]?.samples.every((sample) => sample === 0.125)).toBe(true);
  });

  it("stays in step with the source's time where some of it is missing", async () => {
    const { blocks, give } = reading();
    await give(sound(1e6, BLOCK, [0]).data);
    await give(sound(1e6 + 20_000, 480, [0]).data);
    // Half a second later; the half block before the hole is lost with it.
    await give(sound(1e6 + 530_000, BLOCK, [0]).data);
    expect(blocks.map(({ position }) => position)).toEqual([0, 0.53 * RATE_HZ]);
  });

  it("does not stumble over jitter", async () => {
    const { blocks, give } = reading();
    for (const [i, jitterUs] of [0, 9_000, -9_000, 100, 20_000].entries()) {
      await give(sound(i * 20_000 + jitterUs, BLOCK, [0]).data);
    }
    expect(blocks.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4].map((i) => i * BLOCK));
  });

  it("is a failure at another rate than the announced one, and nothing leaks", async () => {
    const { blocks, give, onFailure } = reading();
    const { data, close } = sound(0, 441, [0], 44_100);
    await give(data);
    expect(onFailure).toHaveBeenCalledWith(expect.stringContaining("44100 Hz"));
    expect(blocks).toEqual([]);
    expect(close).toHaveBeenCalledOnce();
  });

  it("lets go of the stream when it is told to end", async () => {
    const { blocks, end, cancel, onFailure } = reading();
    end();
    await settle();
    expect(cancel).toHaveBeenCalledOnce();
    expect(onFailure).not.toHaveBeenCalled();
    expect(blocks).toEqual([]);
  });

  it("ends without a failure when its track ends", async () => {
    const { onFailure, endOfTrack } = reading();
    endOfTrack();
    await settle();
    expect(onFailure).not.toHaveBeenCalled();
  });
});
