import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Level } from "../../model/device";
import type { StreamKind } from "../../model/stream";
import { FakeClock, settle } from "../../testing/fake-clock";
import { FakeTrack } from "../testing/fake-media";
import { FakePage } from "../testing/fake-page";
import type { AudioState } from "./audio-input";
import { HELD_MS, InputMonitor, type InputMonitorOptions, MUTE_DEBOUNCE_MS, STALL_MS } from "./input-monitor";
import type { InputState } from "./input-state";
import type { OpenResult } from "./open-track";
import { SILENCE_MS, type WatchedSound } from "./sound-watch";

let clock: FakeClock;
let page: FakePage;
let track: FakeTrack;
let states: InputState[];
let reopen: ReturnType<typeof vi.fn<() => Promise<OpenResult>>>;
let onTrack: ReturnType<typeof vi.fn<(track: MediaStreamTrack) => void>>;
let monitor: InputMonitor;

const fresh = (kind: StreamKind = "video") => new FakeTrack(kind, "taken again");
const granted = (again: FakeTrack): OpenResult => ({ kind: "granted", track: again.asTrack });
const refused: OpenResult = { kind: "refused", error: { kind: "in-use", device: "camera" } };

function watch(
  kind: StreamKind,
  {
    audio,
    levels,
    ...options
  }: Partial<InputMonitorOptions> & {
    audio?: WatchedSound["input"];
    levels?: WatchedSound["level"];
  } = {},
): InputMonitor {
  track = new FakeTrack(kind);
  reopen.mockImplementation(async () => granted(fresh(kind)));
  monitor = new InputMonitor({
    track: track.asTrack,
    reopen,
    onTrack,
    onState: (state) => states.push(state),
    clock,
    page,
    mediaDevices: page.mediaDevices,
    ...options,
  });
  if (audio || levels) monitor.setSound({ input: audio ?? fakeAudio(), level: levels ?? fakeLevels() });
  monitor.expectMedia(true);
  return monitor;
}

/** The next request is answered when the test says so. */
function pending(): { answer: (result: OpenResult) => void } {
  const request = { answer: (_: OpenResult) => {} };
  reopen.mockReturnValue(
    new Promise((resolve) => {
      request.answer = resolve;
    }),
  );
  return request;
}

/** Media comes every 100 ms for `ms`. */
async function flow(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await clock.advance(100);
    monitor.noteMedia(clock.now());
  }
}

beforeEach(() => {
  clock = new FakeClock();
  page = new FakePage();
  states = [];
  reopen = vi.fn();
  onTrack = vi.fn();
});

describe("a device that works", () => {
  it("is live, and nobody opens it again", async () => {
    watch("video");
    await flow(20_000);
    expect(states).toEqual([]);
    expect(monitor.state).toEqual({ kind: "live" });
    expect(reopen).not.toHaveBeenCalled();
  });

  it("is not interrupted by the moment of muting that iOS begins with", async () => {
    watch("audio");
    track.setMuted(true);
    await flow(MUTE_DEBOUNCE_MS - 100);
    track.setMuted(false);
    await flow(5_000);
    expect(states).toEqual([]);
  });

  it("leaves nothing behind when it is closed", async () => {
    watch("audio");
    track.setMuted(true);
    monitor.close();
    await clock.advance(60_000);
    expect(states).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(page.listeners).toBe(0);
  });
});

describe("a call", () => {
  it("is an interruption of the microphone until it is unmuted and gives sound", async () => {
    watch("audio");
    track.setMuted(true);
    await flow(2_000);
    expect(states).toEqual([{ kind: "interrupted", cause: "call", needsTap: false }]);
    track.setMuted(false);
    await flow(100);
    expect(states.slice(1)).toEqual([{ kind: "returning", cause: "call" }, { kind: "live" }]);
    expect(reopen).not.toHaveBeenCalled();
  });

  it("is found by the sound's own state where the track says nothing", async () => {
    const audio = fakeAudio();
    watch("audio", { audio });
    audio.set("interrupted");
    await flow(2_000);
    expect(monitor.state).toEqual({ kind: "interrupted", cause: "call", needsTap: false });
    audio.set("running");
    await flow(100);
    expect(monitor.state).toEqual({ kind: "live" });
  });

  it("offers a tap when it does not end by itself, and the tap brings the microphone back", async () => {
    watch("audio");
    track.setMuted(true);
    await flow(MUTE_DEBOUNCE_MS + HELD_MS);
    expect(monitor.state).toEqual({ kind: "interrupted", cause: "call", needsTap: true });
    monitor.retry();
    await settle();
    expect(track.readyState).toBe("ended");
    expect(onTrack).toHaveBeenCalledOnce();
    await flow(100);
    expect(monitor.state).toEqual({ kind: "live" });
  });

  it("of the camera is another app that took it", async () => {
    watch("video");
    track.setMuted(true);
    await clock.advance(MUTE_DEBOUNCE_MS);
    expect(monitor.state).toMatchObject({ kind: "interrupted", cause: "taken" });
  });
});

describe("a page out of sight", () => {
  it("is an interruption only when nothing comes from the device", async () => {
    watch("video");
    page.hide();
    await flow(10_000);
    expect(states).toEqual([]);
    await clock.advance(2 * STALL_MS);
    expect(states).toEqual([{ kind: "interrupted", cause: "hidden", needsTap: false }]);
    expect(reopen).not.toHaveBeenCalled();
  });

  it("opens the device again when it comes back with a suspect track", async () => {
    watch("video");
    page.hide();
    await clock.advance(60_000);
    const again = fresh();
    reopen.mockImplementation(async () => {
      // Safari ends the new track when the old one is still there.
      expect(track.readyState).toBe("ended");
      return granted(again);
    });
    page.show();
    await settle();
    expect(onTrack).toHaveBeenCalledWith(again.asTrack);
    await flow(100);
    expect(states.map(({ kind }) => kind)).toEqual(["interrupted", "returning", "live"]);
  });

  it("leaves a device alone that kept working", async () => {
    watch("video");
    page.hide();
    await flow(10_000);
    page.show();
    await flow(5_000);
    expect(reopen).not.toHaveBeenCalled();
  });

  it("asks for the sound back", () => {
    const audio = fakeAudio();
    watch("audio", { audio });
    page.hide();
    page.show();
    expect(audio.resume).toHaveBeenCalledOnce();
  });

  it("does not open a camera that was taken away meanwhile before it is back in sight", async () => {
    watch("video");
    page.hide();
    track.end();
    await clock.advance(60_000);
    expect(reopen).not.toHaveBeenCalled();
    page.show();
    await settle();
    expect(reopen).toHaveBeenCalledOnce();
  });
});

describe("a device that is lost", () => {
  it("is opened again at once", async () => {
    watch("video");
    track.end();
    await settle();
    await flow(100);
    expect(states).toEqual([{ kind: "returning", cause: "device-lost" }, { kind: "live" }]);
  });

  it("does not pass for live by the tail that the recorder gives of the lost track", async () => {
    watch("video");
    await flow(1_000);
    reopen.mockResolvedValue(refused);
    track.end();
    await clock.advance(5);
    monitor.noteMedia(clock.now());
    await clock.advance(10_000);
    expect(states.map(({ kind }) => kind)).toEqual(["returning", "interrupted"]);
  });

  it("is tried twice, then waits for a tap and says why", async () => {
    watch("video");
    reopen.mockResolvedValue(refused);
    track.end();
    await clock.advance(10_000);
    expect(reopen).toHaveBeenCalledTimes(2);
    expect(monitor.state).toEqual({
      kind: "interrupted",
      cause: "device-lost",
      needsTap: true,
      error: { kind: "in-use", device: "camera" },
    });
  });

  it("is tried again when something is plugged in", async () => {
    watch("video");
    reopen.mockResolvedValue(refused);
    track.end();
    await clock.advance(10_000);
    const again = fresh();
    reopen.mockResolvedValue(granted(again));
    page.plugIn();
    await settle();
    expect(onTrack).toHaveBeenCalledWith(again.asTrack);
  });

  it("is tried again when the page comes back", async () => {
    watch("video");
    reopen.mockResolvedValue(refused);
    track.end();
    await clock.advance(10_000);
    page.hide();
    page.show();
    await settle();
    expect(reopen).toHaveBeenCalledTimes(3);
  });

  it("that comes late, after the page was left, is let go", async () => {
    watch("video");
    const request = pending();
    track.end();
    monitor.close();
    const late = fresh();
    request.answer(granted(late));
    await settle();
    expect(late.readyState).toBe("ended");
    expect(onTrack).not.toHaveBeenCalled();
  });

  it("is asked for once, however long the answer takes and whatever is tapped meanwhile", async () => {
    watch("audio");
    const request = pending();
    track.end();
    await clock.advance(60_000);
    for (let taps = 0; taps < 3; taps++) monitor.retry();
    page.plugIn();
    page.hide();
    page.show();
    const other = vi.fn(async () => granted(fresh("audio")));
    expect(await monitor.change(other)).toBeNull();
    await clock.advance(60_000);
    expect(reopen).toHaveBeenCalledOnce();
    expect(other).not.toHaveBeenCalled();
    expect(monitor.state).toEqual({ kind: "returning", cause: "device-lost" });
    request.answer(granted(fresh("audio")));
    await flow(100);
    expect(monitor.state).toEqual({ kind: "live" });
  });

  it("that the browser asks the person for is waited for in these words, and not called a call", async () => {
    watch("audio", { wouldAsk: async () => true });
    const request = pending();
    track.end();
    await clock.advance(20_000);
    expect(states).toEqual([
      { kind: "returning", cause: "device-lost" },
      { kind: "returning", cause: "asking" },
    ]);
    request.answer({ kind: "refused", error: { kind: "denied", device: "microphone" } });
    await clock.advance(20_000);
    expect(reopen).toHaveBeenCalledOnce();
    expect(monitor.state).toEqual({
      kind: "interrupted",
      cause: "refused",
      needsTap: true,
      error: { kind: "denied", device: "microphone" },
    });
  });
});

describe("between sessions, when nothing is encoded", () => {
  it("is opened again when it is lost, and live as soon as it is there", async () => {
    watch("video").expectMedia(false);
    track.end();
    await settle();
    expect(states).toEqual([{ kind: "returning", cause: "device-lost" }, { kind: "live" }]);
    expect(onTrack).toHaveBeenCalledOnce();
    await clock.advance(60_000);
    expect(reopen).toHaveBeenCalledOnce();
  });

  it("is opened again when it had ended before anybody watched", async () => {
    const ended = new FakeTrack("video");
    ended.readyState = "ended";
    reopen.mockResolvedValue(granted(fresh()));
    monitor = new InputMonitor({
      track: ended.asTrack,
      reopen,
      onTrack,
      onState: (state) => states.push(state),
      clock,
      page,
    });
    await settle();
    expect(onTrack).toHaveBeenCalledOnce();
    expect(monitor.state).toEqual({ kind: "live" });
  });

  it("is not opened for ever when it ends as often as it is opened", async () => {
    watch("video").expectMedia(false);
    reopen.mockImplementation(async () => {
      const again = fresh();
      queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => again.end())));
      return granted(again);
    });
    track.end();
    await clock.advance(60_000);
    expect(reopen.mock.calls.length).toBeLessThanOrEqual(3);
    expect(monitor.state).toMatchObject({ kind: "interrupted", needsTap: true });
  });

  it("is let go while nobody needs it, and opened again when the page is seen", async () => {
    watch("video").expectMedia(false);
    page.hide();
    monitor.rest();
    expect(track.readyState).toBe("ended");
    expect(monitor.state).toEqual({ kind: "interrupted", cause: "hidden", needsTap: false });
    page.plugIn();
    await clock.advance(60_000);
    expect(reopen).not.toHaveBeenCalled();
    page.show();
    await settle();
    expect(monitor.state).toEqual({ kind: "live" });
  });

  it("lets go of a device that comes after nobody needed it any more", async () => {
    watch("video").expectMedia(false);
    const request = pending();
    track.end();
    page.hide();
    monitor.rest();
    const late = fresh();
    request.answer(granted(late));
    await settle();
    expect(late.readyState).toBe("ended");
    reopen.mockResolvedValue(granted(fresh()));
    page.show();
    await settle();
    expect(monitor.state).toEqual({ kind: "live" });
  });

  it("that was missing is opened by a tap, and says why when it still cannot be had", async () => {
    const onMissing = { track: null, reopen, onTrack, clock, page } as const;
    monitor = new InputMonitor({ ...onMissing, onState: (state) => states.push(state) });
    expect(monitor.state).toEqual({ kind: "missing" });
    reopen.mockResolvedValue(refused);
    monitor.retry();
    await settle();
    expect(monitor.state).toEqual({ kind: "missing", error: { kind: "in-use", device: "camera" } });
    const there = fresh();
    reopen.mockResolvedValue(granted(there));
    monitor.retry();
    await settle();
    expect(onTrack).toHaveBeenCalledWith(there.asTrack);
    expect(monitor.state).toEqual({ kind: "live" });
  });
});

describe("a permission", () => {
  it("that is taken back ends the device at once, and given again brings it back", async () => {
    watch("video");
    monitor.permissionChanged("denied");
    expect(track.readyState).toBe("ended");
    expect(monitor.state).toEqual({
      kind: "interrupted",
      cause: "refused",
      needsTap: true,
      error: { kind: "denied", device: "camera" },
    });
    await clock.advance(60_000);
    expect(reopen).not.toHaveBeenCalled();
    monitor.permissionChanged("granted");
    await flow(100);
    expect(monitor.state).toEqual({ kind: "live" });
  });
});

describe("a device that was let go", () => {
  it("is not called live by what its encoder still gives", async () => {
    watch("video");
    await flow(1_000);
    monitor.permissionChanged("denied");
    await flow(500);
    expect(monitor.state).toMatchObject({ kind: "interrupted", cause: "refused" });
  });
});

describe("a change on purpose", () => {
  it("is the only request for as long as it lasts, and what it opens is watched", async () => {
    watch("video");
    let answer: (result: OpenResult) => void = () => {};
    const flipped = monitor.change(() => {
      track.stop();
      return new Promise<OpenResult>((resolve) => {
        answer = resolve;
      });
    });
    expect(monitor.state).toEqual({ kind: "flipping" });
    monitor.retry();
    expect(await monitor.change(async () => granted(fresh()))).toBeNull();
    await clock.advance(60_000);
    expect(reopen).not.toHaveBeenCalled();
    const other = fresh();
    answer(granted(other));
    await flipped;
    expect(onTrack).toHaveBeenCalledWith(other.asTrack);
    expect(monitor.state).toEqual({ kind: "live" });
    other.end();
    expect(reopen).toHaveBeenCalledOnce();
  });

  it("that loses the device says why, and a tap opens it", async () => {
    watch("video");
    await monitor.change(async () => refused);
    expect(monitor.state).toMatchObject({ kind: "interrupted", needsTap: true, error: { kind: "in-use" } });
    monitor.retry();
    await flow(100);
    expect(monitor.state).toEqual({ kind: "live" });
  });
});

describe("an encoder that has not begun", () => {
  it("is no fault of its device for as long as it may take", async () => {
    watch("video").expectMedia(false);
    monitor.expectMedia(true, 10_000);
    await clock.advance(9_000);
    expect(states).toEqual([]);
    await clock.advance(2_000);
    expect(states[0]).toEqual({ kind: "returning", cause: "no-frames" });
  });

  it("is watched closely as soon as it has begun", async () => {
    watch("video").expectMedia(true, 10_000);
    await flow(1_000);
    await clock.advance(STALL_MS + STALL_MS / 4);
    expect(states[0]).toEqual({ kind: "returning", cause: "no-frames" });
  });
});

describe("a device that says it is live and gives nothing", () => {
  it.each([
    ["video", "no-frames"],
    ["audio", "no-audio"],
  ] as const)("is found by the watchdog and opened again (%s)", async (kind, cause) => {
    watch(kind);
    await flow(1_000);
    await clock.advance(2 * STALL_MS);
    expect(states[0]).toEqual({ kind: "returning", cause });
    expect(onTrack).toHaveBeenCalled();
  });

  it("does not pass for live by what the encoder still had of the track before", async () => {
    watch("video");
    await flow(1_000);
    const lastCaptured = clock.now();
    await clock.advance(STALL_MS + STALL_MS / 2);
    expect(monitor.state.kind).toBe("returning");
    monitor.noteMedia(lastCaptured);
    expect(monitor.state.kind).toBe("returning");
  });

  it("is not opened again for ever", async () => {
    watch("video");
    await clock.advance(120_000);
    expect(reopen).toHaveBeenCalledTimes(2);
    expect(monitor.state).toEqual({ kind: "interrupted", cause: "no-frames", needsTap: true });
  });
});

describe("a silent microphone", () => {
  it("is told after five seconds of digital silence, and until the first sound", async () => {
    const levels = fakeLevels();
    watch("audio", { levels });
    await listen(levels, 0, SILENCE_MS + 100);
    expect(states).toEqual([{ kind: "silent" }]);
    await listen(levels, 0.001, 100);
    expect(states.at(-1)).toEqual({ kind: "live" });
  });

  it("is no news while it is muted on purpose", async () => {
    const levels = fakeLevels();
    watch("audio", { levels });
    track.enabled = false;
    await listen(levels, 0, 20_000);
    expect(states).toEqual([]);
  });
});

async function listen(levels: ReturnType<typeof fakeLevels>, peak: number, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await flow(100);
    levels.tell(peak);
  }
}

function fakeLevels() {
  const listeners = new Set<(level: Level) => void>();
  return {
    subscribe(listener: (level: Level) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(peak: number) {
      for (const listener of listeners) listener({ rms: peak, peak });
    },
  };
}

function fakeAudio() {
  const listeners = new Set<(state: AudioState) => void>();
  return {
    state: "running" as AudioState,
    resume: vi.fn(async () => {}),
    onStateChange(listener: (state: AudioState) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(state: AudioState) {
      this.state = state;
      for (const listener of listeners) listener(state);
    },
  };
}
