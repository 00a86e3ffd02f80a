import { beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "../../testing/fake-clock";
import { FakePage } from "../testing/fake-page";
import { choicesIn, watchDevices } from "./list";
import { watchVisibility } from "./page-visibility";
import { keepScreenOn, type WakeLockPage, type WakeLockState } from "./wake-lock";

let page: FakePage;

beforeEach(() => {
  page = new FakePage();
});

describe("whether the page is in sight", () => {
  it("is told once per change, however many events there are", () => {
    const changes: boolean[] = [];
    const leave = watchVisibility((isVisible) => changes.push(isVisible), page);
    page.hide();
    page.show();
    page.document.dispatchEvent(new Event("freeze"));
    page.document.dispatchEvent(new Event("resume"));
    leave();
    page.hide();
    expect(changes).toEqual([false, true, false, true]);
    expect(page.listeners).toBe(0);
  });
});

describe("the wake lock", () => {
  class Sentinel extends EventTarget {
    released = false;
    async release(): Promise<void> {
      this.released = true;
      this.dispatchEvent(new Event("release"));
    }
  }

  let sentinels: Sentinel[];
  let refuses: boolean;
  let states: WakeLockState[];

  beforeEach(() => {
    sentinels = [];
    refuses = false;
    states = [];
  });

  const lockable = (): WakeLockPage => ({
    document: page.document,
    wakeLock: {
      request: async () => {
        if (refuses) throw new DOMException("low battery", "NotAllowedError");
        const sentinel = new Sentinel();
        sentinels.push(sentinel);
        return sentinel as unknown as WakeLockSentinel;
      },
    },
  });
  const keep = (on: WakeLockPage = lockable()) => keepScreenOn((state) => states.push(state), on);

  it("is held, and taken again when the page comes back", async () => {
    const letGo = keep();
    await settle();
    await sentinels[0]?.release();
    page.hide();
    page.show();
    await settle();
    expect(states).toEqual(["held", "off", "held"]);
    letGo();
    expect(sentinels.every(({ released }) => released)).toBe(true);
    expect(page.listeners).toBe(0);
  });

  it("is not taken twice", async () => {
    keep();
    await settle();
    page.document.dispatchEvent(new Event("visibilitychange"));
    await settle();
    expect(sentinels).toHaveLength(1);
  });

  it("says so when it is refused, and when there is none", async () => {
    refuses = true;
    keep();
    keep({ document: page.document, wakeLock: undefined });
    await settle();
    expect(states).toEqual(["refused", "refused"]);
  });

  it("that comes after the end is let go", async () => {
    keep()();
    await settle();
    expect(sentinels.map(({ released }) => released)).toEqual([true]);
    expect(states).toEqual(["off"]);
  });
});

describe("the list of devices", () => {
  const devices = [
    { kind: "audioinput", deviceId: "default", label: "Default" },
    { kind: "audioinput", deviceId: "m1", label: "Built-in" },
    { kind: "videoinput", deviceId: "", label: "" },
    { kind: "videoinput", deviceId: "c1", label: "Front" },
    { kind: "audiooutput", deviceId: "s1", label: "Speaker" },
  ] as MediaDeviceInfo[];

  it("has each device that can be chosen once", () => {
    expect(choicesIn(devices)).toEqual({
      cameras: [{ deviceId: "c1", label: "Front" }],
      microphones: [{ deviceId: "m1", label: "Built-in" }],
    });
  });

  it("is told at once and again when something is plugged in", async () => {
    const onChange = vi.fn();
    const mediaDevices = Object.assign(page.mediaDevices, { enumerateDevices: async () => devices });
    const leave = watchDevices(onChange, mediaDevices);
    await settle();
    page.plugIn();
    await settle();
    leave();
    page.plugIn();
    await settle();
    expect(onChange).toHaveBeenCalledTimes(2);
    expect(page.listeners).toBe(0);
  });

  it("is never told of an older list after a newer one", async () => {
    const answers: ((list: MediaDeviceInfo[]) => void)[] = [];
    const onChange = vi.fn();
    const mediaDevices = Object.assign(page.mediaDevices, {
      enumerateDevices: () => new Promise<MediaDeviceInfo[]>((resolve) => answers.push(resolve)),
    });
    const leave = watchDevices(onChange, mediaDevices);
    page.plugIn();
    answers[1]?.(devices);
    answers[0]?.([]);
    await settle();
    leave();
    expect(onChange.mock.calls).toEqual([[choicesIn(devices)]]);
  });
});
