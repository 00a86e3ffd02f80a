import { describe, expect, it, vi } from "vitest";
import { FakeTrack, fakeStream } from "../capture/testing/fake-media";
import { FakeClock } from "../testing/fake-clock";
import type { DeviceAccess, Monitor, Sound } from "./device-access";
import { SessionDevices } from "./session-devices";

/** Web Audio that takes the first microphone, and others only where `follows`. */
function sound(follows: boolean) {
  const made = {
    input: {
      setTrack: vi.fn(() => follows),
      resume: vi.fn(async () => {}),
      suspend: vi.fn(async () => {}),
      close: vi.fn(async () => {}),
    },
    level: { close: vi.fn(), subscribe: () => () => {} },
  };
  return { ...made, asSound: made as unknown as Sound };
}

async function devicesWith(sounds: (Sound | null)[], answers = 1) {
  const monitors: Parameters<DeviceAccess["monitor"]>[0][] = [];
  const setSound = vi.fn();
  const onTrack = vi.fn();
  const openSound = vi.fn(() => sounds.shift() ?? null);
  const tracks: FakeTrack[] = [];
  const access = {
    acquire: async () => {
      const made = [new FakeTrack("video"), new FakeTrack("audio")];
      tracks.push(...made);
      return { kind: "granted", stream: fakeStream(...made) };
    },
    openSound,
    previewOf: () => fakeStream(),
    watch: () => () => {},
    watchVisibility: () => () => {},
    wereGiven: { get: () => false, note: () => {} },
    monitor: (options: Parameters<DeviceAccess["monitor"]>[0]) => {
      monitors.push(options);
      return { setSound, retry: () => {}, close: () => {} } as unknown as Monitor;
    },
  } as unknown as DeviceAccess;
  const devices = new SessionDevices({
    onChosen: () => {},
    preset: "balanced",
    preferred: {},
    access,
    clock: new FakeClock(),
    onRelease: async () => {},
    onTrack,
    onPicture: () => {},
    onKept: () => {},
  });
  const asked = await Promise.all(Array.from({ length: answers }, () => devices.ask(() => {})));
  return { devices, monitors, setSound, onTrack, openSound, tracks, asked };
}

describe("another microphone", () => {
  it("goes through the same context where Web Audio takes it", async () => {
    const first = sound(true);
    const { devices, monitors, onTrack } = await devicesWith([first.asSound]);
    const headset = new FakeTrack("audio", "headset").asTrack;
    monitors[1]?.onTrack(headset);
    expect(first.input.close).not.toHaveBeenCalled();
    expect(devices.media.get()?.sound).toBe(first.asSound);
    expect(onTrack).toHaveBeenCalledWith("audio", headset);
  });

  it("of another rate, which Firefox refuses, gets a context of its own, and is streamed", async () => {
    const [first, second] = [sound(false), sound(true)];
    const { devices, monitors, setSound, onTrack } = await devicesWith([first.asSound, second.asSound]);
    const headset = new FakeTrack("audio", "headset").asTrack;
    monitors[1]?.onTrack(headset);
    expect([first.input.close, first.level.close].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect(devices.media.get()).toMatchObject({ audio: headset });
    expect(devices.media.get()?.sound).toBe(second.asSound);
    expect(setSound).toHaveBeenLastCalledWith(second.asSound);
    expect(onTrack).toHaveBeenCalledWith("audio", headset);
  });

  it("that no context takes costs the meter, and not the sound", async () => {
    const { devices, monitors, onTrack } = await devicesWith([sound(false).asSound, null]);
    const headset = new FakeTrack("audio", "headset").asTrack;
    monitors[1]?.onTrack(headset);
    expect(devices.media.get()).toMatchObject({ audio: headset, sound: null });
    expect(onTrack).toHaveBeenCalledWith("audio", headset);
  });
});

describe("a microphone that is muted", () => {
  it("is muted from its first sample, whoever opens it", async () => {
    const { devices, monitors, tracks } = await devicesWith([]);
    devices.toggleMuted();
    expect(tracks[1]?.enabled).toBe(false);
    const headset = new FakeTrack("audio", "headset").asTrack;
    monitors[1]?.onTrack(headset);
    expect(headset.enabled).toBe(false);
    // The page came back from where browsers keep pages that were left.
    devices.close();
    await devices.ask(() => {});
    expect(devices.muted.get()).toBe(true);
    expect(tracks[3]?.enabled).toBe(false);
    devices.toggleMuted();
    expect(tracks[3]?.enabled).toBe(true);
  });
});

describe("two answers to the same question", () => {
  it("are one camera, one microphone and one context: what comes later is let go", async () => {
    const { devices, tracks, openSound, asked } = await devicesWith([sound(true).asSound], 2);
    expect(asked).toEqual(["given", "late"]);
    expect(tracks.map(({ readyState }) => readyState)).toEqual(["live", "live", "ended", "ended"]);
    expect(openSound).toHaveBeenCalledOnce();
    expect(devices.media.get()?.video).toBe(tracks[0]);
  });
});
