/**
 * What is promised of camera and microphone for any order of taps, device events and answers: one of each is open at
 * most, nothing captures when no session runs, and there is always a way on.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamKind } from "../model/stream";
import { settle } from "../testing/fake-clock";
import type { SessionEvent } from "./events";
import { REST_MS } from "./session-devices";
import { Phone, type PhoneOptions } from "./testing/phone";

const ACTIONS = {
  ask: ({ session }: Phone) => void session.ask(),
  start: ({ session }: Phone) => void session.start(),
  stop: ({ session }: Phone) => void session.stop(),
  discard: ({ session }: Phone) => session.discard(),
  again: ({ session }: Phone) => session.again(),
  flip: ({ session }: Phone) => void session.devices.flip(),
  chooseBack: ({ session }: Phone) => void session.chooseDevice("camera", "back"),
  chooseMicrophone: ({ session }: Phone) => void session.chooseDevice("microphone", "another"),
  resume: ({ session }: Phone) => session.devices.retry(),
  loseCamera: (phone: Phone) => phone.lose("video"),
  loseMicrophone: (phone: Phone) => phone.lose("audio"),
  mute: (phone: Phone) => phone.open("audio")[0]?.setMuted(true),
  unmute: (phone: Phone) => phone.open("audio")[0]?.setMuted(false),
  takeCamera: (phone: Phone) => {
    phone.isTaken.add("front").add("back");
    phone.lose("video");
  },
  takeBack: (phone: Phone) => void phone.isTaken.add("back"),
  takeMicrophone: (phone: Phone) => {
    phone.isTaken.add("microphone");
    phone.lose("audio");
  },
  giveBack: (phone: Phone) => phone.isTaken.clear(),
  deny: (phone: Phone) => phone.setPermission("camera", "denied"),
  allow: (phone: Phone) => phone.setPermission("camera", "granted"),
  standStill: (phone: Phone) => void phone.isStill.add("front"),
  move: (phone: Phone) => phone.isStill.clear(),
  leaveQuestionOpen: (phone: Phone) => {
    phone.isUnanswered = true;
  },
  answer: (phone: Phone) => phone.answer(),
  hide: ({ page }: Phone) => page.hide(),
  show: ({ page }: Phone) => page.show(),
  plugIn: ({ page }: Phone) => page.plugIn(),
  leave: (phone: Phone) => {
    phone.session.close();
    expect(phone.open("video").length + phone.open("audio").length, "open after the page was left").toBe(0);
    expect(phone.capturing, "captures after the page was left").toBe(0);
  },
  wait: () => {},
} satisfies Record<string, (phone: Phone) => void>;

const step = fc.record({
  name: fc.constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])),
  afterMs: fc.constantFrom(0, 0, 0, 5, 5, 300, 300, 700, 1_100, 1_100, 4_000, 12_000, 70_000),
});
const phones = fc.record<PhoneOptions>({
  openMs: fc.constantFrom(0, 10, 700, 5_000),
  tokensMs: fc.constantFrom(0, 400, 4_000),
});

/** Holds at every moment. */
function check({
  session,
  open,
  underWay,
  capturing,
}: Pick<Phone, "session" | "underWay" | "capturing"> & { open: Phone["open"] }) {
  const { kind } = session.phase.get();
  // The page's own track, and in a session the encoder's clone of it.
  const roots = new Set(open("video").map(({ source }) => source));
  expect(roots.size, "cameras that are open").toBeLessThanOrEqual(1);
  expect(open("video").length, "camera tracks and clones").toBeLessThanOrEqual(
    kind === "live" || kind === "starting" ? 2 : 1,
  );
  expect(open("audio").length, "microphones that are open").toBeLessThanOrEqual(1);
  if (kind !== "permission") {
    expect(underWay.video, "requests for the camera").toBeLessThanOrEqual(1);
    expect(underWay.audio, "requests for the microphone").toBeLessThanOrEqual(1);
  }
  if (kind !== "live" && kind !== "starting") expect(capturing, "captures without a session").toBe(0);
  const media = session.devices.media.get();
  for (const [device, track] of [
    ["camera", media?.video],
    ["microphone", media?.audio],
  ] as const) {
    const state = session.devices[device].get();
    if (media && !track)
      expect(["missing", "returning", "flipping"], `a ${device} that is not there`).toContain(state.kind);
    if (state.kind === "live") expect(track?.readyState, `a ${device} that is called live`).toBe("live");
  }
}

async function pass(phone: Phone, ms: number): Promise<void> {
  await settle();
  check(snapshot(phone));
  await phone.clock.advance(ms);
  await settle();
  check(snapshot(phone));
}

const snapshot = (phone: Phone) => ({
  session: phone.session,
  underWay: phone.underWay,
  capturing: phone.capturing,
  open: (kind: StreamKind) => phone.open(kind),
});

it("holds one camera and one microphone at most, captures for sessions only, and comes back", async () => {
  await fc.assert(
    fc.asyncProperty(phones, fc.array(step, { maxLength: 20, size: "max" }), async (options, steps) => {
      const phone = new Phone(options);
      const asked = phone.session.ask();
      await phone.clock.advance(options.openMs);
      await asked;
      for (const { name, afterMs } of steps) {
        ACTIONS[name](phone);
        await pass(phone, afterMs);
      }

      // Everything is well again: the person ends the session, and taps what the page offers.
      phone.isTaken.clear();
      phone.isStill.clear();
      phone.isDenied.clear();
      phone.answer();
      phone.page.show();
      await pass(phone, 12_000);
      await phone.session.stop();
      phone.session.discard();
      await pass(phone, 6_000);
      if (phone.session.phase.get().kind === "ended") phone.session.again();
      if (phone.session.phase.get().kind === "permission") void phone.session.ask();
      await pass(phone, 6_000);
      expect(phone.session.phase.get().kind).toBe("ready");
      phone.session.devices.retry();
      await pass(phone, 12_000);
      expect(phone.session.devices.camera.get()).toEqual({ kind: "live" });
      expect(phone.session.devices.microphone.get()).toEqual({ kind: "live" });
      void phone.session.start();
      await pass(phone, 12_000);
      expect(phone.session.phase.get().kind).toBe("live");
      expect(phone.capturing, "captures of both streams").toBe(2);
      const { media } = phone.session.devices;
      expect(phone.recorders.at(-1)?.track).toBe(media.get()?.audio);

      phone.session.close();
      await pass(phone, 12_000);
      expect(phone.open("video").length + phone.open("audio").length, "open after the page was left").toBe(0);
    }),
    { numRuns: 600 },
  );
}, 120_000);

/** A phone on the ready screen. */
async function ready(options?: PhoneOptions): Promise<Phone> {
  const phone = new Phone(options);
  const asked = phone.session.ask();
  await phone.clock.advance(options?.openMs ?? 0);
  await asked;
  return phone;
}

async function live(options?: PhoneOptions): Promise<Phone> {
  const phone = await ready(options);
  void phone.session.start();
  await pass(phone, 10_000);
  expect(phone.capturing).toBe(2);
  return phone;
}

/** Devices that went on because another one could not be had, as it is told from now on. */
function keptDevices({ session }: Phone): SessionEvent[] {
  const kept: SessionEvent[] = [];
  session.events.subscribe((event) => {
    if (event.kind === "device-kept") kept.push(event);
  });
  return kept;
}

describe("a phone that opens one camera at a time", () => {
  it.each([
    ["stands still", (phone: Phone) => void phone.isStill.add("front")],
    ["is switched", (phone: Phone) => void phone.session.devices.flip()],
    ["is chosen anew", (phone: Phone) => void phone.session.chooseDevice("camera", "back")],
  ])("has let go of every track and clone of one that %s before it opens one", async (_what, act) => {
    const phone = await live();
    const { requests } = phone;
    act(phone);
    await pass(phone, 6_000);
    expect(phone.requests).toBeGreaterThan(requests);
    expect(phone.openWhenAsked).toBe(0);
  });

  it("switches the camera while it streams", async () => {
    const phone = await live();
    const kept = keptDevices(phone);
    void phone.session.devices.flip();
    await pass(phone, 1_000);
    expect(phone.session.devices.media.get()?.facing).toBe("environment");
    expect(phone.workers.map(({ input }) => input?.source)).toContain("back");
    expect(kept).toEqual([]);
  });

  it("says so when the other camera cannot be had, and streams the former one again", async () => {
    const phone = await live();
    const kept = keptDevices(phone);
    phone.isTaken.add("back");
    void phone.session.devices.flip();
    await pass(phone, 2_000);
    expect(phone.session.devices.media.get()?.facing).toBe("user");
    expect(kept).toMatchObject([{ device: "camera", error: { kind: "in-use" } }]);
    expect(phone.capturing).toBe(2);
  });

  it("begins with the other camera when Start is pressed while it is being switched", async () => {
    const phone = await ready({ openMs: 700, tokensMs: 0 });
    void phone.session.devices.flip();
    await pass(phone, 150);
    void phone.session.start();
    await pass(phone, 10_000);
    expect(phone.session.video.status.get().kind).toBe("live");
    expect(phone.workers.map(({ input }) => input?.source)).toContain("back");
    expect(phone.session.devices.camera.get()).toEqual({ kind: "live" });
  });

  it("captures nothing any more when Stop is pressed while it is being switched", async () => {
    const phone = await live({ openMs: 700, tokensMs: 0 });
    void phone.session.devices.flip();
    await pass(phone, 150);
    void phone.session.stop();
    await pass(phone, 10_000);
    expect(phone.capturing).toBe(0);
    expect(phone.open("video")).toHaveLength(1);
    expect(phone.session.devices.camera.get()).toEqual({ kind: "live" });
  });
});

describe("a device that is lost between the permission and Start", () => {
  it.each(["video", "audio"] as const)("is there again before anybody presses Start (%s)", async (kind) => {
    const phone = await ready();
    phone.lose(kind);
    await pass(phone, 100);
    expect(phone.open(kind)).toHaveLength(1);
    void phone.session.start();
    await pass(phone, 10_000);
    expect(phone.session[kind].status.get().kind).toBe("live");
    expect(phone.capturing).toBe(2);
  });

  it("that another app had is opened by the tap on Start", async () => {
    const phone = await ready();
    phone.isTaken.add("front");
    phone.lose("video");
    await pass(phone, 10_000);
    expect(phone.session.devices.camera.get()).toMatchObject({
      kind: "interrupted",
      error: { kind: "in-use" },
    });
    phone.isTaken.clear();
    void phone.session.start();
    await pass(phone, 10_000);
    expect(phone.session.video.status.get().kind).toBe("live");
    expect(phone.session.devices.camera.get()).toEqual({ kind: "live" });
  });

  it("in mid-session, and opened again after Stop, is there for the next session", async () => {
    const phone = await live({ openMs: 700, tokensMs: 0 });
    phone.lose("video");
    await pass(phone, 100);
    void phone.session.stop();
    await pass(phone, 10_000);
    phone.session.again();
    void phone.session.start();
    await pass(phone, 10_000);
    expect(phone.session.video.status.get().kind).toBe("live");
    expect(phone.capturing).toBe(2);
  });
});

describe("a question that is left open", () => {
  it("and asked again opens one camera and one microphone when both are answered", async () => {
    const phone = new Phone();
    phone.isUnanswered = true;
    void phone.session.ask();
    await phone.clock.advance(10_000);
    expect(phone.session.phase.get()).toEqual({ kind: "permission", state: { kind: "unanswered" } });
    void phone.session.ask();
    await phone.clock.advance(100);
    phone.answer();
    await pass(phone, 100);
    expect(phone.session.phase.get().kind).toBe("ready");
    expect([phone.open("video").length, phone.open("audio").length]).toEqual([1, 1]);
  });

  it("is asked once for a microphone that was lost, and is called a question", async () => {
    const phone = await live();
    const { requests } = phone;
    phone.isUnanswered = true;
    phone.lose("audio");
    await pass(phone, 30_000);
    expect(phone.requests).toBe(requests + 1);
    expect(phone.session.devices.microphone.get()).toEqual({ kind: "returning", cause: "asking" });
    phone.answer();
    await pass(phone, 3_000);
    expect(phone.session.devices.microphone.get()).toEqual({ kind: "live" });
  });
});

describe("a slow start", () => {
  it("takes no device away while the tokens are on their way", async () => {
    const phone = await ready({ openMs: 400, tokensMs: 4_500 });
    void phone.session.start();
    await pass(phone, 15_000);
    expect(phone.requests).toBe(1);
    expect(phone.session.phase.get().kind).toBe("live");
  });
});

describe("a stream that is over", () => {
  it("leaves its device alone", async () => {
    const phone = await live();
    const { requests } = phone;
    phone.session.video.discard();
    await pass(phone, 60_000);
    expect(phone.requests).toBe(requests);
    expect(phone.session.devices.camera.get()).toEqual({ kind: "live" });
  });
});

describe("between sessions", () => {
  it("lets go of both devices when nobody sees the page, and has them again when it is seen", async () => {
    const phone = await ready();
    phone.page.hide();
    await pass(phone, REST_MS + 1);
    expect([phone.open("video").length, phone.open("audio").length]).toEqual([0, 0]);
    phone.page.show();
    await pass(phone, 100);
    expect([phone.open("video").length, phone.open("audio").length]).toEqual([1, 1]);
    expect(phone.session.devices.camera.get()).toEqual({ kind: "live" });
  });

  it("keeps both in a session that nobody sees, and lets go of them after it", async () => {
    const phone = await live();
    phone.page.hide();
    await pass(phone, 2 * REST_MS);
    expect(phone.capturing).toBe(2);
    void phone.session.stop();
    await pass(phone, REST_MS + 1_000);
    expect([phone.open("video").length, phone.open("audio").length]).toEqual([0, 0]);
  });

  it("opens one camera, however often Resume is tapped", async () => {
    const phone = await ready({ openMs: 700, tokensMs: 0 });
    phone.isTaken.add("front");
    phone.lose("video");
    await pass(phone, 10_000);
    phone.isTaken.clear();
    for (let taps = 0; taps < 3; taps++) phone.session.devices.retry();
    await pass(phone, 10_000);
    expect(phone.open("video")).toHaveLength(1);
  });
});
