/** What is promised of `dispose`: at any moment it lets everything go, and no command does anything after it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../testing/fake-clock";
import { Phone, type PhoneOptions } from "./testing/phone";
import { WholeSession } from "./testing/whole-session";

type Command = (session: Phone["session"]) => void;

const COMMANDS = {
  ask: (session) => void session.ask(),
  start: (session) => void session.start(),
  stop: (session) => void session.stop(),
  discard: (session) => session.discard(),
  again: (session) => session.again(),
  toggleMuted: (session) => session.toggleMuted(),
  configure: (session) => void session.configure({ preset: "sharp" }),
  chooseDevice: (session) => void session.chooseDevice("camera", "back"),
  lookForBackend: (session) => void session.lookForBackend(),
  lookForLeftovers: (session) => void session.lookForLeftovers(),
  discardLeftover: (session) => session.discardLeftover(),
  online: (session) => session.network("online"),
  visible: (session) => session.network("visible"),
  retry: (session) => session.devices.retry(),
  flip: (session) => void session.devices.flip(),
  torch: (session) => void session.devices.toggleTorch(),
  zoom: (session) => session.devices.setZoom(2),
  dispose: (session) => session.dispose(),
} satisfies Record<string, Command>;
const NAMES = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

/** What happens around a session, whether it is still there or not. */
const WORLD = {
  answer: (phone: Phone) => phone.answer(),
  leaveQuestionOpen: (phone: Phone) => {
    phone.isUnanswered = true;
  },
  loseCamera: (phone: Phone) => phone.lose("video"),
  takeMicrophone: (phone: Phone) => {
    phone.isTaken.add("microphone");
    phone.lose("audio");
  },
  giveBack: (phone: Phone) => phone.isTaken.clear(),
  deny: (phone: Phone) => phone.setPermission("camera", "denied"),
  allow: (phone: Phone) => phone.setPermission("camera", "granted"),
  plugIn: ({ page }: Phone) => page.plugIn(),
  hide: ({ page }: Phone) => page.hide(),
  show: ({ page }: Phone) => page.show(),
  wait: () => {},
} satisfies Record<string, (phone: Phone) => void>;

const phones = fc.record<PhoneOptions>({
  openMs: fc.constantFrom(0, 10, 700, 5_000),
  tokensMs: fc.constantFrom(0, 400, 4_000),
});
const step = fc.record({
  act: fc.oneof(
    fc.constantFrom(...NAMES.filter((name) => name !== "dispose")).map((name) => ({
      name: name as string,
      run: (phone: Phone) => COMMANDS[name](phone.session),
    })),
    fc.constantFrom(...(Object.keys(WORLD) as (keyof typeof WORLD)[])).map((name) => ({
      name: name as string,
      run: WORLD[name],
    })),
  ),
  afterMs: fc.constantFrom(0, 0, 5, 300, 700, 1_100, 4_000, 12_000),
});

async function pass(phone: Phone, ms: number): Promise<void> {
  await settle();
  await phone.clock.advance(ms);
  await settle();
}

/** What the phone still holds for the page. */
const held = (phone: Phone) => ({
  cameras: phone.open("video").length,
  microphones: phone.open("audio").length,
  captures: phone.capturing,
});
const NOTHING = { cameras: 0, microphones: 0, captures: 0 };

it("lets everything go at any moment, and asks for nothing any more, whatever is commanded and whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(
      phones,
      fc.array(step, { maxLength: 10, size: "max" }),
      fc.array(step, { maxLength: 8, size: "max" }),
      async (options, before, after) => {
        const phone = new Phone(options);
        void phone.session.ask();
        for (const { act, afterMs } of before) {
          act.run(phone);
          await pass(phone, afterMs);
        }
        phone.session.dispose();
        expect(held(phone), "held after dispose").toEqual(NOTHING);
        // Questions that were asked before may be answered yet.
        phone.answer();
        await pass(phone, 12_000);
        expect(held(phone), "held after what came late").toEqual(NOTHING);
        const { requests } = phone;
        const workers = phone.workers.length;
        for (const { act, afterMs } of after) {
          act.run(phone);
          await pass(phone, afterMs);
          expect(held(phone), `held after ${act.name}`).toEqual(NOTHING);
        }
        await pass(phone, 60_000);
        expect(held(phone)).toEqual(NOTHING);
        expect({ requests: phone.requests, workers: phone.workers.length }).toEqual({ requests, workers });
        expect(phone.session.phase.get().kind).toBe("permission");
      },
    ),
    { numRuns: 400 },
  );
}, 120_000);

describe.each([
  ["before the prompt is answered", 0],
  ["while ready", 1],
  ["while starting", 2],
  ["while live", 3],
  ["while finishing", 4],
] as const)("disposed of %s", (_moment, reached) => {
  async function brought(): Promise<WholeSession> {
    const whole = new WholeSession({}, undefined, "webaudio");
    whole.tokens = "issued";
    if (reached === 0) whole.devices = { answer: "hangs", delayMs: 0 };
    void whole.session.ask();
    await whole.pass(300);
    if (reached >= 2) void whole.session.start();
    if (reached >= 3) await whole.pass(2_000);
    if (reached >= 4) {
      whole.setState("black-hole");
      void whole.session.stop();
      await whole.pass(100);
    }
    return whole;
  }

  it("a session has no track, worker, sound or lock left, and fetches no token", async () => {
    const whole = await brought();
    const sound = whole.session.devices.media.get()?.sound;
    whole.session.dispose();
    whole.answerAll();
    await whole.pass(2_000);
    expect(whole.openTracks).toEqual([]);
    expect(whole.clones.filter(({ readyState }) => readyState === "live")).toEqual([]);
    expect(whole.workers.filter(({ isAlive }) => isAlive)).toEqual([]);
    expect(whole.held.size).toBe(0);
    expect(sound?.input.state ?? "closed").toBe("closed");
    const { tokenRequests } = whole;
    await whole.pass(180_000);
    expect(whole.tokenRequests).toBe(tokenRequests);
  });

  it.each(NAMES)("does nothing by %s", async (name) => {
    const whole = await brought();
    whole.session.dispose();
    whole.answerAll();
    await whole.pass(500);
    whole.devices = { answer: "grants", delayMs: 0 };
    const { length } = whole.tracks;
    COMMANDS[name](whole.session);
    await whole.pass(3_000);
    expect(whole.tracks).toHaveLength(length);
    expect(whole.workers.filter(({ isAlive }) => isAlive)).toEqual([]);
    expect(whole.session.phase.get()).toEqual({ kind: "permission", state: { kind: "before-asking" } });
  });
});

it("ends what leads the window's events to it, once", () => {
  let ends = 0;
  const { session } = new WholeSession({}, undefined, "none", () => () => ends++);
  session.dispose();
  session.dispose();
  expect(ends).toBe(1);
});
