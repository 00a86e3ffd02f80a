/**
 * Black holes of real packets: how long after the path's return the backend has chunks again, and how long a plain
 * WebSocket in the same page needs on the same path. Every trial has a browser, a session and a backend of its own.
 */
import path from "node:path";
import { streamsAfter } from "../support/cuts.ts";
import { type Spread, spreadOf } from "../support/figures.ts";
import { stopStreaming } from "../support/flows.ts";
import { openPlainSocket } from "../support/plain-socket.ts";
import { freePort, ROOT, type Running, startBackend, startServer } from "../support/processes.ts";
import { Recording, type StreamKind } from "../support/recording.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import { PacketPath } from "./packet-path.ts";
import { openPhone, originOf } from "./phone.ts";

export interface Hole {
  readonly lengthMs: number;
  readonly trials: number;
}

export interface HoleFigures extends Hole {
  /** Video and audio of every trial, ms after the path's return. */
  readonly recoveryMs: Spread | null;
  readonly plainMs: Spread | null;
  /** Trials in which the plain socket was silent for longer than `PLAIN_PATIENCE_MS`. */
  readonly plainSilent: number;
  readonly verdicts: readonly Verdict[];
}

export type BlackHoles =
  | { readonly kind: "measured"; readonly holes: readonly HoleFigures[] }
  | { readonly kind: "not-possible"; readonly reason: string };

interface Trial {
  readonly recoveryMs: readonly number[];
  readonly plainMs: number | null;
  readonly verdicts: readonly Verdict[];
}

const KINDS: readonly StreamKind[] = ["video", "audio"];
export const PLAIN_PATIENCE_MS = 120_000;
const CALM_MS = 3_000;
/** The attempts of two streams take turns at about this pace. */
const RHYTHM_MS = 1_500;
export async function runBlackHoles(
  holes: readonly Hole[],
  folder: string,
  say: (line: string) => void,
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
        const trial = await runTrial(packets, hole, path.join(folder, `hole-${figures.length}-${number}`));
        done.push(trial);
        const { recoveryMs, plainMs } = trial;
        const shown = recoveryMs.map((ms) => `${Math.round(ms)} ms`).join(" and ");
        const beside = plainMs === null ? `over ${PLAIN_PATIENCE_MS} ms` : `${Math.round(plainMs)} ms`;
        say(`${nameOf(hole)}, ${number} of ${hole.trials}: ${shown}; plain WebSocket ${beside}`);
      }
      const heard = done.map(({ plainMs }) => plainMs).filter((ms) => ms !== null);
      figures.push({
        ...hole,
        recoveryMs: spreadOf(done.flatMap(({ recoveryMs }) => recoveryMs)),
        plainMs: spreadOf(heard),
        plainSilent: hole.trials - heard.length,
        verdicts: done.flatMap(({ verdicts }) => verdicts),
      });
    }
    return { kind: "measured", holes: figures };
  } finally {
    await packets.destroy();
  }
}

export const nameOf = ({ lengthMs }: Hole) => `black hole of ${lengthMs / 1_000} s`;

async function runTrial(packets: PacketPath, hole: Hole, folder: string): Promise<Trial> {
  const { inside } = packets;
  const ends: (() => Promise<void>)[] = [];
  try {
    const webPort = await freePort();
    const recording = new Recording(folder);
    const backend = await startBackend({ recordingDir: folder, origins: [originOf(webPort)], inside });
    ends.push(() => backend.stop());
    const plain = await startPlain(packets);
    ends.push(() => plain.stop());
    const phone = await openPhone(webPort, `http://${inside.address}:${backend.port}`);
    ends.push(() => phone.close());
    const startedAt = Date.now();
    await phone.stream();
    await openPlainSocket(phone.ui, `ws://${inside.address}:${plain.port}`);
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
      await streamsAfter(() => stream, returnedAt, `${kind} after the ${nameOf(hole)}`, PLAIN_PATIENCE_MS);
      const first = stream.chunks.find(({ receivedAt }) => receivedAt >= returnedAt);
      recoveryMs.push((first?.receivedAt ?? Number.NaN) - returnedAt);
    }
    const plainAt = await plainAfter(plain, returnedAt);
    await stopStreaming(phone.ui);
    const verdicts: Verdict[] = [];
    for (const kind of KINDS) verdicts.push(await judge(recording.stream(kind), folder));
    return { recoveryMs, plainMs: plainAt === null ? null : plainAt - returnedAt, verdicts };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startPlain({ inside }: PacketPath): Promise<Running> {
  const port = await freePort();
  const env = { HOST: inside.address, PORT: String(port) };
  const script = path.join(ROOT, "e2e/soak/plain-receiver.ts");
  const options = { cwd: ROOT, env, inside, port, readyPath: "/" };
  return startServer("The plain receiver", [process.execPath, script], options);
}

/** @returns when the plain socket's next message arrived, or null when it did not. */
async function plainAfter(plain: Running, since: number): Promise<number | null> {
  const deadline = since + PLAIN_PATIENCE_MS;
  while (Date.now() < deadline) {
    const arrivals = plain.output().split("\n").slice(0, -1).map(Number);
    const at = arrivals.find((time) => time >= since);
    if (at !== undefined) return at;
    await sleep(50);
  }
  return null;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
