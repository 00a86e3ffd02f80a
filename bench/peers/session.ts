/** One measured session of one peer: a calm stretch, then cuts of the network, by one clock for both ends. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PacketPath } from "../../e2e/soak/packet-path.ts";
import {
  type ClockSourceOptions,
  type ClockSources,
  TONE_EVERY_MS,
} from "../../e2e/support/clock/clock-sources.ts";
import type { Arrival } from "../latency/arrivals.ts";
import { CpuMeter } from "../latency/cpu.ts";
import { type Cut, type Loss, lossOf } from "./loss.ts";
import type { Arrivals, Peer, Received, Streaming } from "./peer.ts";
import { ProcessCpu } from "./process-cpu.ts";

/** `silence`: packets vanish, and then they do not. `new-address`: and then the phone has another address. */
export const CUT_KINDS = ["silence", "new-address"] as const;
export type CutKind = (typeof CUT_KINDS)[number];

export interface SessionOptions {
  readonly sources: ClockSourceOptions;
  /** The calm stretch, in which delays and processors are measured. */
  readonly calmMs: number;
  readonly cutMs: number;
  /** From the network's return until the next thing happens. */
  readonly recoveryMs: number;
  readonly cuts: readonly CutKind[];
}

/** What was measured of the pictures or of the sound. */
export interface Figures {
  /** Of the calm stretch. */
  readonly delaysMs: readonly number[];
  readonly given: number;
  /** Of those given in the calm stretch, how many never came. */
  readonly dropped: number;
  readonly losses: Readonly<Partial<Record<CutKind, Loss>>>;
}

export interface SessionResult {
  readonly format: string;
  readonly account: string | null;
  readonly bytes: Both | null;
  readonly decoded: Both | null;
  /** Percent of one core in the calm stretch; of the servers, by what each is. */
  readonly serverPercent: Readonly<Record<string, number>>;
  readonly browserPercent: number;
  /** How late the camera's own clock was: the machine's share of any delay. */
  readonly sourceLatenessMs: readonly number[];
}

export interface Both {
  readonly video: Figures;
  readonly audio: Figures;
  /** Pictures that the application was given and that cannot be read: after packets were lost, a decoder may smear. */
  readonly damaged: number;
}

/** Encoders settle, rates rise. */
const WARM_UP_MS = 3_000;
/** What was given last in the calm stretch arrives before anything else happens. */
const AFTER_CALM_MS = 500;
/** The last of a recovery may still be on its way when the stream ends, and does not count. */
const COOL_DOWN_MS = 1_500;

interface Marks {
  readonly calm: { readonly fromMs: number; readonly untilMs: number };
  readonly firstCutAtMs: number;
  readonly cuts: Readonly<Partial<Record<CutKind, Cut>>>;
  readonly serverPercent: Readonly<Record<string, number>>;
  readonly browserPercent: number;
}

export async function measureSession(peer: Peer, options: SessionOptions): Promise<SessionResult> {
  const folder = await mkdtemp(path.join(tmpdir(), "twincast-peers-"));
  const cleanUps: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true })];
  try {
    const packets = await PacketPath.create();
    cleanUps.push(() => packets.destroy());
    await mkdir(path.join(folder, "session"));
    const { sources } = options;
    const streaming = await peer.start({ packets, folder: path.join(folder, "session"), sources, cleanUps });
    const marks = await play(streaming, packets, peer.isCut ? options : { ...options, cuts: [] });
    const given = await streaming.page.evaluate(
      () => (window as unknown as { clockSources: ClockSources }).clockSources,
    );
    return resultOf(await streaming.finish(given), given, sources, marks);
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

async function play(streaming: Streaming, packets: PacketPath, options: SessionOptions): Promise<Marks> {
  await wait(WARM_UP_MS);
  const ofBrowser = await CpuMeter.start(streaming.browser, streaming.page);
  const ofServers = Object.entries(streaming.servers).map(
    ([name, pid]) => [name, new ProcessCpu(pid)] as const,
  );
  const fromMs = Date.now();
  await wait(options.calmMs);
  const calm = { fromMs, untilMs: Date.now() };
  const serverPercent = Object.fromEntries(ofServers.map(([name, cpu]) => [name, cpu.stop()]));
  const { browserPercent } = await ofBrowser.stop();

  const cuts: Partial<Record<CutKind, Cut>> = {};
  await wait(AFTER_CALM_MS);
  const firstCutAtMs = options.cuts.length > 0 ? Date.now() : Number.POSITIVE_INFINITY;
  for (const kind of options.cuts) {
    const from = Date.now();
    await packets.close();
    if (kind === "new-address") await packets.changeAddress();
    await wait(options.cutMs);
    await packets.open();
    const until = Date.now();
    await wait(options.recoveryMs);
    const endMs = Date.now();
    cuts[kind] = { fromMs: from, untilMs: until, judgedUntilMs: endMs - COOL_DOWN_MS, endMs };
  }
  return { calm, firstCutAtMs, cuts, serverPercent, browserPercent };
}

function resultOf(
  received: Received,
  given: ClockSources,
  { frameRate }: ClockSourceOptions,
  marks: Marks,
): SessionResult {
  const both = (arrivals: Arrivals | null): Both | null => {
    if (!arrivals) return null;
    const { video, audio, damagedAt } = arrivals;
    const calmDamaged = damagedAt.filter((at) => isCalm(at, marks)).length;
    // Then the figures would be about the others.
    if (calmDamaged > given.frames.filter((at) => isCalm(at, marks)).length / 20) {
      throw new Error(`Without a fault, the clocks of ${calmDamaged} pictures cannot be read.`);
    }
    const tonesAt = given.tones.map(({ at }) => at);
    return {
      video: figuresOf(given.frames, 1e3 / frameRate, video, marks),
      audio: figuresOf(tonesAt, TONE_EVERY_MS, audio, marks),
      damaged: damagedAt.length,
    };
  };
  return {
    format: received.format,
    account: received.account,
    bytes: both(received.bytes),
    decoded: both(received.decoded),
    serverPercent: marks.serverPercent,
    browserPercent: marks.browserPercent,
    sourceLatenessMs: given.frameLatenessMs.filter((_, i) => isCalm(given.frames[i] ?? 0, marks)),
  };
}

function figuresOf(
  given: readonly number[],
  everyMs: number,
  arrivals: readonly Arrival[],
  marks: Marks,
): Figures {
  // What was late enough to be held by a cut says nothing of a network without one.
  const calm = arrivals.filter(({ capturedAt }) => isCalm(capturedAt, marks));
  const inTime = calm.filter(({ receivedAt }) => receivedAt < marks.firstCutAtMs);
  const arrived = new Set(calm.map(({ capturedAt }) => capturedAt));
  const wanted = given.filter((at) => isCalm(at, marks));
  return {
    delaysMs: inTime.map(({ capturedAt, receivedAt }) => receivedAt - capturedAt),
    given: wanted.length,
    dropped: wanted.filter((at) => !arrived.has(at)).length,
    losses: Object.fromEntries(
      Object.entries(marks.cuts).map(([kind, cut]) => [kind, lossOf(given, everyMs, arrivals, cut)]),
    ),
  };
}

const isCalm = (at: number, { calm }: Marks) => at >= calm.fromMs && at < calm.untilMs;
