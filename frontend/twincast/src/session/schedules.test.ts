/**
 * Three promises for any order of events: nothing is captured after Stop; what the screen says is so; every state has a
 * way out.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { StreamStatus } from "../model/stream";
import { CHUNK_MS, FINE, type World } from "../worker/testing/both-ends";
import { type SoundWorld, WholeSession } from "./testing/whole-session";

/** From Stop until whatever hangs is given up. */
const GIVE_UP_MS = 5_000;
/** `live` means an acknowledgement that is no older. */
const LIVE_MS = 5_000;
/** From Stop until the last chunks are there and were told of. */
const FLUSHED_MS = 1_000;
/** A worker whose stream was discarded has said its last word. */
const LAST_WORD_MS = 1_200;
/** Steps of virtual time after which the promises are looked at. */
const LOOK_MS = 100;

const world = fc.record<World>({
  worker: fc.constantFrom("works", "works", "works", "works", "rejects", "hangs", "throws"),
  page: fc.constantFrom("works", "works", "works", "rejects", "hangs"),
  capture: fc.constantFrom("works", "works", "works", "works", "rejects", "hangs"),
  codecs: fc.constantFrom("works", "works", "works", "rejects", "hangs"),
  probe: fc.constantFrom("works", "works", "works", "fails", "hangs"),
  source: fc.constantFrom("works", "works", "works", "rejects", "hangs"),
  sourceDelayMs: fc.constantFrom(0, 0, 150, 2_000, 7_000),
  encoder: fc.constantFrom("works", "works", "works", "fails", "silent"),
  flush: fc.constantFrom("works", "works", "hangs"),
  recorder: fc.constantFrom("works", "works", "works", "fails", "silent"),
});

type Act = (whole: WholeSession) => void;
const CLOSE_CODES = [
  1000, 1001, 1006, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4410, 4413, 4500,
];

const PERSON = {
  ask: ({ session }) => void session.ask(),
  start: ({ session }) => void session.start(),
  stop: ({ session }) => void session.stop(),
  discard: ({ session }) => session.discard(),
  again: ({ session }) => session.again(),
  flip: ({ session }) => void session.devices.flip(),
  choose: ({ session }) => void session.chooseDevice("microphone", "another"),
  retry: ({ session }) => session.devices.retry(),
  mute: ({ session }) => session.toggleMuted(),
  configure: ({ session }) => void session.configure({ preset: "sharp" }),
  leave: ({ session }) => session.close(),
} satisfies Record<string, Act>;

const WORLD = {
  devicesEnd: ({ openTracks }) => {
    for (const track of openTracks) track.end();
  },
  cameraEnds: ({ openTracks }) => openTracks.findLast(({ kind }) => kind === "video")?.end(),
  deviceHeld: ({ openTracks }) => openTracks.at(-1)?.setHeld(true),
  devicesReturn: (whole) => {
    for (const track of whole.openTracks) track.setHeld(false);
    whole.page.plugIn();
  },
  devicesGrant: (whole) => {
    whole.devices = { answer: "grants", delayMs: 0 };
  },
  devicesSlow: (whole) => {
    whole.devices = { answer: "grants", delayMs: 700 };
  },
  devicesRefuse: (whole) => {
    whole.devices = { answer: "refuses", delayMs: 200 };
  },
  devicesHang: (whole) => {
    whole.devices = { answer: "hangs", delayMs: 0 };
  },
  devicesAnswer: (whole) => whole.answerAll(),
  tokensIssued: (whole) => {
    whole.tokens = "issued";
  },
  tokensRefused: (whole) => {
    whole.tokens = "refused";
  },
  tokensHang: (whole) => {
    whole.tokens = "hang";
  },
  kill: (whole) => whole.kill(),
  killAll: (whole) => {
    for (const worker of whole.workers.filter(({ isAlive }) => isAlive)) whole.kill(worker);
  },
  killFirst: (whole) => whole.kill(whole.workers.find(({ isAlive }) => isAlive)),
  freeze: ({ worker }) => {
    if (worker) worker.isFrozen = true;
  },
  thaw: ({ workers }) => {
    for (const worker of workers) worker.isFrozen = false;
  },
  workerThrows: ({ worker }) => worker?.events.failed("uncaught"),
  recorderBreaks: ({ recorders }) => recorders.at(-1)?.break(),
  cut: (whole) => whole.cut(),
  hole: (whole) => whole.setState("black-hole"),
  refusing: (whole) => whole.setState("refusing"),
  healthy: (whole) => whole.setState("healthy"),
  offline: ({ session }) => session.network("offline"),
  online: ({ session }) => session.network("online"),
  hide: ({ page }) => page.hide(),
  show: ({ page, session }) => {
    page.show();
    session.network("visible");
  },
  losePath: (whole) => whole.losePath("video"),
  slowSink: (whole) => whole.setSinkDelay(2_000),
  quickSink: (whole) => whole.setSinkDelay(0),
  restartBackend: (whole) => whole.restartBackend(),
  stuckSink: (whole) => whole.setStuck(true),
  freeSink: (whole) => whole.setStuck(false),
} satisfies Record<string, Act>;

interface Step {
  readonly name: string;
  readonly act: Act;
  readonly afterMs: number;
}

const named = (name: string, act: Act) => ({ name, act });
const acts = [
  ...Object.entries(PERSON).map(([name, act]) => named(name, act)),
  ...Object.entries(WORLD).map(([name, act]) => named(name, act)),
];
const closing = CLOSE_CODES.flatMap((code) => [
  named(`close ${code}`, (whole) => whole.cut(code)),
  named(`close video ${code}`, (whole) => whole.cut(code, ["video"])),
]);
const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...acts) },
      { weight: 1, arbitrary: fc.constantFrom(...closing) },
      { weight: 1, arbitrary: fc.constant(named("wait", () => {})) },
    ),
    fc.constantFrom(0, 1, 40, 300, 1_100, 4_000, 12_000),
  )
  .map(([{ name, act }, afterMs]) => ({ name, act, afterMs, toString: () => `${name}+${afterMs}` }));

const schedule = fc.record({
  world,
  sound: fc.constantFrom<SoundWorld>("webaudio", "first", "none"),
  begin: fc.constantFrom("nothing", "ready", "starting", "live", "live", "finishing", "stopped-without-path"),
  steps: fc.array(step, { maxLength: 10 }),
});

/** Whether nothing more will become of the stream. */
const isOver = (status: StreamStatus) =>
  status.kind === "ended" ||
  status.kind === "discarded" ||
  status.kind === "absent" ||
  (status.kind === "failed" && status.leftBytes === undefined);

class Observer {
  readonly #whole: WholeSession;
  /** Since when nothing may be recorded, by the phase; null while it may. */
  #notRecordingSince: number | null;
  #overSince = { video: null as number | null, audio: null as number | null };
  #nothingToSaveSince: number | null = null;

  constructor(whole: WholeSession) {
    this.#whole = whole;
    this.#notRecordingSince = whole.time.now();
    whole.session.phase.subscribe(() => {
      const { kind } = whole.phase;
      const mayRecord = kind === "starting" || kind === "live";
      this.#notRecordingSince = mayRecord ? null : (this.#notRecordingSince ?? whole.time.now());
    });
  }

  look(): void {
    this.#nothingAfterStop();
    this.#saysWhatIsSo();
  }

  #nothingAfterStop(): void {
    const whole = this.#whole;
    const now = whole.time.now();
    const since = this.#notRecordingSince;
    if (since === null) return;
    expect(whole.encodedAt, "encoded after Stop").toBeLessThanOrEqual(since + CHUNK_MS);
    const newest = Math.max(
      0,
      ...whole.streams.flatMap(({ backends }) =>
        [backends.video, backends.audio].map(({ taken }) => taken.at(-1)?.header.capturedTo ?? 0),
      ),
    );
    expect(newest, "sent that was captured after Stop").toBeLessThanOrEqual(since + CHUNK_MS);
    expect(whole.activeRecorders, "recorders after Stop").toBe(0);
    if (now - since <= GIVE_UP_MS + LOOK_MS) return;
    expect(whole.liveClones, "clones of a camera after Stop").toBe(0);
    expect(whole.openSources, "sources after Stop").toBe(0);
    if (whole.phase.kind !== "finishing") return;
    for (const stream of [whole.session.video, whole.session.audio]) {
      const status = stream.status.get();
      expect(["idle", "live", "behind"], "delivering in sight").not.toContain(status.kind);
    }
  }

  #saysWhatIsSo(): void {
    const whole = this.#whole;
    const { session, phase } = whole;
    const now = whole.time.now();
    for (const stream of [session.video, session.audio]) {
      const status = stream.status.get();
      if (status.kind === "live") {
        expect(now - whole.ackedAt(stream.kind), `${stream.kind} is live without an ack`).toBeLessThanOrEqual(
          LIVE_MS,
        );
      }
      const over = isOver(status);
      this.#overSince[stream.kind] = over ? (this.#overSince[stream.kind] ?? now) : null;
      if (!over) continue;
      const figures = {
        rate: stream.rateKBps.value.get(),
        delay: stream.delayMs.value.get(),
        quality: stream.quality.get(),
        kept: stream.keptBytes.get(),
      };
      expect(figures, `figures of a stream that is over (${status.kind})`).toEqual({
        rate: 0,
        delay: null,
        quality: null,
        kept: 0,
      });
      const since = this.#overSince[stream.kind] ?? now;
      expect(whole.encodedAtOf[stream.kind], `${stream.kind} encoded when it was over`).toBeLessThanOrEqual(
        since + CHUNK_MS,
      );
    }
    const isLost =
      phase.kind === "live" && [session.video, session.audio].every(({ status }) => isOver(status.get()));
    this.#nothingToSaveSince = isLost ? (this.#nothingToSaveSince ?? now) : null;
    expect(
      now - (this.#nothingToSaveSince ?? now),
      "a session that nothing can save goes on",
    ).toBeLessThanOrEqual(GIVE_UP_MS);
  }

  /**
   * One figure: what was shown as kept is what is told as discarded, and it stays.
   * @param kept what the screen said before; null where it said nothing.
   */
  async discarded(kept: readonly (number | null)[]): Promise<void> {
    const whole = this.#whole;
    const session = whole.streams.length;
    const first = discarded(whole);
    const stoppedForMs = whole.time.now() - (this.#notRecordingSince ?? whole.time.now());
    await this.pass(LAST_WORD_MS);
    // What an encoder gives at the moment of Stop is on its way to the page yet.
    if (stoppedForMs < FLUSHED_MS) return;
    first.forEach((bytes, index) => {
      if (bytes !== null && kept[index] !== null)
        expect(bytes, "what was kept is discarded").toBe(kept[index]);
    });
    if (whole.streams.length === session && whole.phase.kind === "ended")
      expect(discarded(whole), "the figure of a discard").toEqual(first);
  }

  async pass(ms: number): Promise<void> {
    await this.#whole.pass(0);
    this.look();
    for (let left = ms; left > 0; left -= LOOK_MS) {
      await this.#whole.pass(Math.min(LOOK_MS, left));
      this.look();
    }
  }
}

/** Waits until `isSo`, at most `limitMs`. */
async function until(observer: Observer, isSo: () => boolean, limitMs: number): Promise<boolean> {
  for (let passed = 0; passed < limitMs && !isSo(); passed += LOOK_MS) await observer.pass(LOOK_MS);
  return isSo();
}

async function begin(whole: WholeSession, observer: Observer, from: string): Promise<void> {
  const { session } = whole;
  if (from === "nothing") return;
  await session.ask();
  await observer.pass(300);
  if (from === "ready") return;
  void session.start();
  if (from === "starting") return;
  await observer.pass(1_500);
  if (from === "stopped-without-path") whole.setState("black-hole");
  if (from === "stopped-without-path") await observer.pass(1_500);
  if (from === "finishing" || from === "stopped-without-path") void session.stop();
}

/** The world is well again. */
function heal(whole: WholeSession): void {
  Object.assign(whole.world, FINE);
  whole.devices = { answer: "grants", delayMs: 0 };
  whole.answerAll();
  whole.setSinkDelay(0);
  whole.tokens = "none";
  whole.setState("healthy");
  for (const worker of whole.workers) worker.isFrozen = false;
  whole.setStuck(false);
  for (const track of whole.openTracks) track.setHeld(false);
  whole.page.show();
  whole.session.network("online");
  whole.page.plugIn();
}

/** Taps what each screen offers until a new session streams; fails where a screen has nothing that helps. */
async function streamAgain(whole: WholeSession, observer: Observer): Promise<void> {
  const { session } = whole;
  const sessions = whole.streams.length;
  const streams = () => [session.video, session.audio].filter(({ status }) => status.get().kind !== "absent");
  const isStreaming = () =>
    whole.phase.kind === "live" &&
    whole.streams.length > sessions &&
    streams().every(({ status }) => status.get().kind === "live");
  for (let taps = 0; taps < 12 && !isStreaming(); taps++) {
    const { kind } = whole.phase;
    switch (whole.phase.kind) {
      case "permission":
        void session.ask();
        break;
      case "ready":
        session.devices.retry();
        await observer.pass(200);
        void session.start();
        break;
      case "starting":
      case "live":
        if (whole.streams.length > sessions && (await until(observer, isStreaming, 15_000))) break;
        session.devices.retry();
        if (await until(observer, isStreaming, 10_000)) break;
        void session.stop();
        break;
      case "finishing":
        if (!(await until(observer, () => whole.phase.kind !== "finishing", 30_000))) session.discard();
        break;
      case "ended":
        session.again();
        break;
    }
    await until(observer, () => whole.phase.kind !== kind, GIVE_UP_MS + 1_000);
  }
  expect(isStreaming(), `streams again, from ${whole.phase.kind}`).toBe(true);
  const before = session.video.chunks.get() + session.audio.chunks.get();
  await observer.pass(2_000);
  expect(session.video.chunks.get() + session.audio.chunks.get()).toBeGreaterThan(before);
}

interface Schedule {
  readonly world: World;
  readonly sound: SoundWorld;
  readonly begin: string;
  readonly steps: readonly Step[];
}

/** What each stream is said to keep; null where a worker may be lost, and says nothing. */
const keptOnScreen = ({ session, workers }: WholeSession) =>
  [session.video, session.audio].map(({ keptBytes }) =>
    workers.every(({ isAlive, isFrozen }) => isAlive && !isFrozen) ? keptBytes.get() : null,
  );

/** What was told of each stream when the rest was discarded; null for one that was over, or not yet begun. */
const discarded = ({ session }: WholeSession) =>
  [session.video, session.audio].map(({ status }) => {
    const now = status.get();
    return now.kind === "discarded" ? now.leftBytes : null;
  });

async function play({ world, sound, begin: from, steps }: Schedule) {
  const whole = new WholeSession(world, undefined, sound);
  const observer = new Observer(whole);
  await begin(whole, observer, from);
  for (const { name, act, afterMs } of steps) {
    const { kind } = whole.phase;
    const kept = keptOnScreen(whole);
    act(whole);
    if (name === "discard" && kind === "finishing") {
      expect(whole.phase.kind, "Discard ends it at once").toBe("ended");
      await observer.discarded(kept);
    }
    if (name === "leave") expect(whole.openTracks, "devices of a page that was left").toEqual([]);
    await observer.pass(afterMs);
  }
  heal(whole);
  await streamAgain(whole, observer);
  void whole.session.stop();
  expect(await until(observer, () => whole.phase.kind === "ended", 20_000), "Stop ends").toBe(true);
  expect(whole.faults()).toEqual([]);
}

it("records nothing after Stop, says what is so, and has a way on from every state", async () => {
  await fc.assert(fc.asyncProperty(schedule, play), { numRuns: 300 });
}, 240_000);
