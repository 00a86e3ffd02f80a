/**
 * Black holes of real packets: how long after the path's return the backend has chunks again. Every trial has a browser, a
 * session and a backend of its own.
 */

import path from "node:path";
import type { StreamKind } from "twincast";
import { streamsAfter } from "../support/cuts.ts";
import { type Spread, spreadOf } from "../support/figures.ts";
import { stopStreaming } from "../support/flows.ts";
import { freePort, startBackend } from "../support/processes.ts";
import { Recording } from "../support/recording.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import { PacketPath } from "./packet-path.ts";
import { openPhone, originOf, type PhoneBrowser } from "./phone.ts";

export interface Hole {
  readonly lengthMs: number;
  readonly trials: number;
}

interface HoleFigures extends Hole {
  /** Video and audio of every trial, ms after the path's return. */
  readonly recoveryMs: Spread | null;
  readonly verdicts: readonly Verdict[];
}

export type BlackHoles =
  | { readonly kind: "measured"; readonly holes: readonly HoleFigures[] }
  | { readonly kind: "not-possible"; readonly reason: string };

interface Trial {
  readonly recoveryMs: readonly number[];
  readonly verdicts: readonly Verdict[];
}

const KINDS: readonly StreamKind[] = ["video", "audio"];
/** How long to wait for the first chunk after the path's return. */
const RECOVERY_TIMEOUT_MS = 120_000;
const CALM_MS = 3_000;
/** The attempts of two streams take turns at about this pace. */
const RHYTHM_MS = 1_500;
export async function runBlackHoles(
  holes: readonly Hole[],
  folder: string,
  say: (line: string) => void,
  browser: PhoneBrowser = "chromium",
): Promise<BlackHoles> {
  let packets: PacketPath;
  try {
    packets = await PacketPath.create();
  } catch (error) {
    return { kind: "not-possible", reason: error instanceof Error ? error.message.trim() : String(error) };
  }
  try {
    const figures: HoleFigures[] = [];
    for (const hole of holes) {
      const done: Trial[] = [];
      for (let number = 1; number <= hole.trials; number++) {
        const trial = await runTrial(
          packets,
          hole,
          path.join(folder, `hole-${figures.length}-${number}`),
          browser,
        );
        done.push(trial);
        const shown = trial.recoveryMs.map((ms) => `${Math.round(ms)} ms`).join(" and ");
        say(`${nameOf(hole)}, ${number} of ${hole.trials}: ${shown}`);
      }
      figures.push({
        ...hole,
        recoveryMs: spreadOf(done.flatMap(({ recoveryMs }) => recoveryMs)),
        verdicts: done.flatMap(({ verdicts }) => verdicts),
      });
    }
    return { kind: "measured", holes: figures };
  } finally {
    await packets.destroy();
  }
}

export const nameOf = ({ lengthMs }: Hole) => `black hole of ${lengthMs / 1_000} s`;

async function runTrial(
  packets: PacketPath,
  hole: Hole,
  folder: string,
  browser: PhoneBrowser,
): Promise<Trial> {
  const { inside } = packets;
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const webPort = await freePort();
    const recording = new Recording(folder);
    const backend = await startBackend({ recordingDir: folder, origins: [originOf(webPort)], inside });
    ends.push(() => backend.stop());
    const phone = await openPhone(webPort, `http://${inside.address}:${backend.port}`, browser);
    ends.push(() => phone.close());
    const startedAt = Date.now();
    await phone.stream();
    for (const kind of KINDS) await streamsAfter(() => recording.stream(kind), startedAt, kind);
    await sleep(CALM_MS);

    await packets.close();
    // Varied, so that the path does not return at the same point of the attempts' rhythm each time.
    await sleep(hole.lengthMs + Math.random() * RHYTHM_MS);
    const returnedAt = Date.now();
    await packets.open();
    const recoveryMs: number[] = [];
    for (const kind of KINDS) {
      const stream = recording.stream(kind);
      await streamsAfter(() => stream, returnedAt, `${kind} after the ${nameOf(hole)}`, RECOVERY_TIMEOUT_MS);
      const first = stream.chunks.find(({ receivedAt }) => receivedAt >= returnedAt);
      recoveryMs.push((first?.receivedAt ?? Number.NaN) - returnedAt);
    }
    await stopStreaming(phone.ui);
    const verdicts: Verdict[] = [];
    for (const kind of KINDS) verdicts.push(await judge(recording.stream(kind), folder));
    return { recoveryMs, verdicts };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
