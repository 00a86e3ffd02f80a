import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Level } from "../../model/device";
import { FakeClock, settle } from "../../testing/fake-clock";
import { FakeAnalyserNode, FakeAudioContext, FakeMediaStream } from "../testing/fake-audio";
import { FakeTrack } from "../testing/fake-media";
import { AudioInput, type AudioState } from "./audio-input";
import { createLevelSource, measure } from "./level";

vi.stubGlobal("AnalyserNode", FakeAnalyserNode);
vi.stubGlobal("MediaStream", FakeMediaStream);

let clock: FakeClock;
let context: FakeAudioContext;
let input: AudioInput;

beforeEach(() => {
  clock = new FakeClock();
  input = new AudioInput(new FakeTrack("audio").asTrack, (options) => {
    context = new FakeAudioContext(options);
    return context.asContext;
  });
});

describe("the level", () => {
  it("of a full square wave is 1, of a sine 0.707, of nothing 0", () => {
    expect(measure(new Float32Array([1, -1, 1, -1]))).toEqual({ rms: 1, peak: 1 });
    const sine = Float32Array.from({ length: 480 }, (_, i) => Math.sin((2 * Math.PI * i) / 48));
    expect(measure(sine).rms).toBeCloseTo(Math.SQRT1_2, 6);
    expect(measure(new Float32Array(4))).toEqual({ rms: 0, peak: 0 });
    expect(measure(new Float32Array(0))).toEqual({ rms: 0, peak: 0 });
  });

  it("is told twelve times a second", async () => {
    const levels: number[] = [];
    createLevelSource(input, clock).subscribe(({ peak }) => levels.push(peak));
    context.sound.samples = [0.5, -0.25];
    await clock.advance(1_000.1);
    expect(levels).toHaveLength(12);
    expect(new Set(levels)).toEqual(new Set([0.5]));
  });

  it.each([8_000, 44_100, 48_000, 96_000, 192_000])("misses no sample at %d Hz", (sampleRate) => {
    const analysers: FakeAnalyserNode[] = [];
    vi.stubGlobal(
      "AnalyserNode",
      class extends FakeAnalyserNode {
        constructor(...options: ConstructorParameters<typeof FakeAnalyserNode>) {
          super(...options);
          analysers.push(this);
        }
      },
    );
    const fast = new AudioInput(
      new FakeTrack("audio").asTrack,
      () => new FakeAudioContext({ sampleRate }).asContext,
    );
    createLevelSource(fast, clock);
    vi.stubGlobal("AnalyserNode", FakeAnalyserNode);
    const samples = analysers[0]?.fftSize ?? 0;
    expect(samples).toBeGreaterThanOrEqual(sampleRate / 12);
    expect(Number.isInteger(Math.log2(samples))).toBe(true);
  });

  it("is told to every listener, and to none after the last has gone", async () => {
    const source = createLevelSource(input, clock);
    const [first, second] = [vi.fn<(level: Level) => void>(), vi.fn<(level: Level) => void>()];
    const leave = [source.subscribe(first), source.subscribe(second)];
    await clock.advance(84);
    for (const off of leave) off();
    await clock.advance(400);
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
    expect(clock.pending).toBe(0);
  });

  it("is not made up while a call holds the sound, and goes on after it", async () => {
    const listener = vi.fn();
    createLevelSource(input, clock).subscribe(listener);
    context.setState("interrupted");
    await clock.advance(400);
    expect(listener).not.toHaveBeenCalled();
    await input.resume();
    await clock.advance(84);
    expect(listener).toHaveBeenCalledOnce();
  });

  it("leaves nothing behind when closed", async () => {
    const source = createLevelSource(input, clock);
    source.subscribe(vi.fn());
    source.close();
    expect(clock.pending).toBe(0);
    expect(context.sources[0]?.connections.size).toBe(0);
  });
});

describe("the microphone in Web Audio", () => {
  it("runs at the rate of Opus", () => {
    expect(context.sampleRate).toBe(48_000);
  });

  it("runs at its own rate where the engine allows no other, as Firefox does", () => {
    let closed = 0;
    const made = new AudioInput(new FakeTrack("audio").asTrack, (options) => {
      const own = new FakeAudioContext(options);
      own.createMediaStreamSource = (stream) => {
        if (options?.sampleRate) throw new DOMException("different sample-rate", "NotSupportedError");
        return FakeAudioContext.prototype.createMediaStreamSource.call(own, stream);
      };
      own.close = async () => {
        closed++;
      };
      return own.asContext;
    });
    expect(made.context.sampleRate).toBe(44_100);
    expect(closed).toBe(1);
  });

  it("is resumed at once, though Safari suspends it behind the prompt", async () => {
    await settle();
    expect(input.state).toBe("running");
  });

  it("tells of interruptions", async () => {
    await settle();
    const states: AudioState[] = [];
    const leave = input.onStateChange((state) => states.push(state));
    context.setState("interrupted");
    await input.resume();
    leave();
    context.setState("suspended");
    expect(states).toEqual(["interrupted", "running"]);
  });

  it("says so when the system does not give the sound back", async () => {
    context.setState("interrupted");
    context.refusesResume = true;
    await expect(input.resume()).rejects.toThrow("interrupted");
  });

  it("feeds the same listeners from a microphone that was taken anew", () => {
    const meter = new FakeAnalyserNode(context);
    const disconnect = input.connect(meter as unknown as AudioNode);
    input.setTrack(new FakeTrack("audio", "headset").asTrack);
    const [before, after] = context.sources;
    expect(before?.connections.size).toBe(0);
    expect(after?.connections).toEqual(new Set([meter]));
    disconnect();
    expect(after?.connections.size).toBe(0);
  });

  it("says so when the engine refuses a microphone of another rate, and keeps the one before", () => {
    const meter = new FakeAnalyserNode(context);
    input.connect(meter as unknown as AudioNode);
    context.createMediaStreamSource = () => {
      throw new DOMException("different sample-rate", "NotSupportedError");
    };
    expect(input.setTrack(new FakeTrack("audio", "headset").asTrack)).toBe(false);
    expect(context.sources[0]?.connections).toEqual(new Set([meter]));
  });

  it("rests while nobody listens", async () => {
    await settle();
    await input.suspend();
    expect(input.state).toBe("suspended");
    await input.resume();
    expect(input.state).toBe("running");
  });
});
