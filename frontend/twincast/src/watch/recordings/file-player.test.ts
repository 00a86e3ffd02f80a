import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "../../testing/fake-clock";
import { FilePlayer } from "./file-player";
import type { Piece, Timeline } from "./timeline";

/** What lies in a file: when each picture is shown, and each 100 ms of sound begins, in s from its beginning. */
interface File {
  readonly video: readonly number[];
  readonly audio: readonly number[];
}

vi.mock("mediabunny", () => {
  class Sink {
    readonly #times: readonly number[];
    constructor(track: { times: readonly number[] }) {
      this.#times = track.times;
    }
    async *samples(fromS: number) {
      for (const timestamp of this.#times) if (timestamp >= fromS) yield pictureAt(timestamp);
    }
    async *buffers(fromS: number) {
      for (const timestamp of this.#times) {
        if (timestamp >= fromS) yield { timestamp, buffer: { duration: 0.1 } };
      }
    }
    async getSample(atS: number) {
      const timestamp = this.#times.findLast((time) => time <= atS);
      return timestamp === undefined ? null : pictureAt(timestamp);
    }
  }
  const pictureAt = (timestamp: number) => ({
    timestamp,
    displayWidth: 640,
    displayHeight: 480,
    draw: () => shown.push(timestamp),
    close: () => {},
    [Symbol.dispose]: () => {},
  });
  return { VideoSampleSink: Sink, AudioBufferSink: Sink };
});

let clock: FakeClock;
/** What was drawn, s of its file; and when each sound was begun, s of the sound card's clock. */
let shown: number[] = [];
let sounds: number[];
let file: File;
let durationMs: number;
let state: "recording" | "ended";
let opened: number;
let isSilent: boolean;
let player: FilePlayer;
const startedAt = new FakeClock().now();

vi.stubGlobal(
  "AudioContext",
  class {
    get currentTime() {
      return (clock.now() - startedAt) / 1e3;
    }
    destination = {};
    resume = async () => {};
    close = async () => {};
  },
);
vi.stubGlobal(
  "AudioBufferSourceNode",
  class {
    connect() {}
    start(at: number) {
      sounds.push(at);
    }
    stop() {}
  },
);
afterAll(() => vi.unstubAllGlobals());

const every = (ms: number, untilMs: number) =>
  Array.from({ length: Math.ceil(untilMs / ms) }, (_, n) => (n * ms) / 1e3);
const piece = (stream: Piece["stream"], fromMs: number, toMs: number): Piece => ({
  stream,
  fromMs,
  toMs,
  mimeType: "",
  files: ["x"],
});
const timeline = (): Timeline => ({
  durationMs,
  pieces: { video: [piece("video", 0, durationMs)], audio: [piece("audio", 0, durationMs)] },
  marks: [],
  files: [],
});

function make(pieces?: Timeline["pieces"]): void {
  const first = timeline();
  player = new FilePlayer({
    timeline: pieces ? { ...first, pieces } : first,
    canvas: { width: 0, height: 0, getContext: () => ({}) } as unknown as HTMLCanvasElement,
    clock,
    open: async () => {
      opened++;
      const { video, audio } = file;
      const track = (times: readonly number[]) => ({ times, getFirstTimestamp: async () => times[0] ?? 0 });
      return {
        getPrimaryVideoTrack: async () => track(video),
        getPrimaryAudioTrack: async () => track(audio),
        dispose: () => opened--,
        [Symbol.dispose]: () => opened--,
      } as never;
    },
    refresh: async () => {
      if (isSilent) throw new Error("The backend does not answer.");
      return { timeline: timeline(), mayGrow: state === "recording" };
    },
  });
}

beforeEach(() => {
  clock = new FakeClock();
  shown = [];
  sounds = [];
  opened = 0;
  isSilent = false;
  state = "ended";
  durationMs = 2_000;
  file = { video: every(40, 2_000), audio: every(100, 2_000) };
  make();
});

/** Lets time pass in steps in which promises settle. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20) await clock.advance(Math.min(20, left));
}

describe("a recording", () => {
  it("shows its first picture before it is played", async () => {
    await player.load();
    expect(player.state.get()).toEqual({ kind: "paused" });
    expect(shown).toEqual([0]);
  });

  it("is played at its own pace, pictures and sound by one clock, up to its end", async () => {
    player.play();
    await pass(1_000);
    expect(player.state.get()).toEqual({ kind: "playing" });
    expect(player.positionMs.get()).toBeGreaterThan(850);
    expect(shown.at(-1)).toBeCloseTo(player.positionMs.get() / 1e3, 0);
    const [first = 0] = sounds;
    for (const [n, at] of sounds.entries()) expect(at - first).toBeCloseTo(n * 0.1, 1);
    await pass(1_500);
    expect(player.state.get()).toEqual({ kind: "ended" });
    expect(player.positionMs.get()).toBe(2_000);
    expect(shown).toEqual(file.video);
    expect(sounds).toHaveLength(20);
    expect(opened).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("comes to its end though its last picture lies a rounding behind it", async () => {
    file = { ...file, video: [...file.video, 2.001] };
    player.play();
    await pass(3_000);
    expect(player.state.get()).toEqual({ kind: "ended" });
  });

  it("that grows is played on with what came meanwhile, each picture once, and to the end when it ends", async () => {
    state = "recording";
    player.play();
    await pass(1_000);
    // Its file has more than the page knew when it was opened.
    file = { video: every(40, 3_000), audio: every(100, 3_000) };
    await pass(1_400);
    durationMs = 3_000;
    await pass(1_500);
    expect(player.timeline.get().durationMs).toBe(3_000);
    expect(player.positionMs.get()).toBeGreaterThan(2_100);
    state = "ended";
    await pass(4_000);
    expect(player.state.get()).toEqual({ kind: "ended" });
    expect(player.positionMs.get()).toBe(3_000);
    expect(shown.filter((at) => at < 2)).toEqual(every(40, 2_000));
    expect(shown.at(-1)).toBeCloseTo(2.96);
  });

  it("that grows is played on though the backend is silent for a moment at its end", async () => {
    state = "recording";
    player.play();
    await pass(1_900);
    isSilent = true;
    await pass(3_000);
    expect(player.state.get()).toEqual({ kind: "playing" });
    isSilent = false;
    state = "ended";
    await pass(2_000);
    expect(player.state.get()).toEqual({ kind: "ended" });
    isSilent = true;
    player.play();
    await pass(20_000);
    expect(player.state.get()).toMatchObject({ kind: "failed", message: "The backend does not answer." });
  });

  it("is played once when it is told twice", async () => {
    player.play();
    await pass(500);
    player.play();
    await pass(2_500);
    expect(player.state.get()).toEqual({ kind: "ended" });
    expect(sounds).toHaveLength(20);
    expect(shown).toEqual(file.video);
  });

  it("keeps a hole as long as it is", async () => {
    durationMs = 5_000;
    file = { video: every(40, 1_000), audio: every(100, 1_000) };
    make({
      video: [piece("video", 0, 1_000), piece("video", 4_000, 5_000)],
      audio: [piece("audio", 0, 1_000)],
    });
    player.play();
    await pass(2_500);
    const inHole = shown.length;
    expect(inHole).toBe(25);
    await pass(1_000);
    expect(shown).toHaveLength(inHole);
    await pass(2_000);
    expect(shown).toHaveLength(50);
    expect(player.state.get()).toEqual({ kind: "ended" });
  });

  it("pauses where it is, goes on from there, and begins anew after its end", async () => {
    player.play();
    await pass(800);
    player.pause();
    const at = player.positionMs.get();
    await pass(5_000);
    expect(player.positionMs.get()).toBe(at);
    expect(player.state.get()).toEqual({ kind: "paused" });
    player.play();
    await pass(500);
    expect(player.positionMs.get()).toBeGreaterThan(at + 300);
    await pass(2_000);
    expect(player.state.get()).toEqual({ kind: "ended" });
    shown = [];
    player.play();
    await pass(100);
    expect(shown[0]).toBe(0);
  });

  it("goes to where it is told, playing or not", async () => {
    await player.load();
    player.seek(1_500);
    await settle();
    expect(shown.at(-1)).toBeCloseTo(1.48);
    player.play();
    await pass(100);
    player.seek(200);
    await pass(200);
    expect(player.state.get()).toEqual({ kind: "playing" });
    expect(player.positionMs.get()).toBeGreaterThan(250);
    expect(player.positionMs.get()).toBeLessThan(600);
    player.close();
    await pass(1_000);
    expect(opened).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
