/** Random cuts of both streams, each by a plan of its own, for as long as one likes. */

import path from "node:path";
import type { StreamKind } from "twincast";
import { type CutKind, planCuts, playCuts, recoveriesMs, streamsAfter } from "../support/cuts.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { type Spread, spreadOf } from "../support/figures.ts";
import { stopStreaming } from "../support/flows.ts";
import { freePort, startBackend } from "../support/processes.ts";
import { Recording } from "../support/recording.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import { type MemoryFigures, MemoryWatch } from "./memory.ts";
import { openPhone, originOf } from "./phone.ts";

export interface CutsFigures {
  readonly durationMs: number;
  readonly streams: Readonly<Record<StreamKind, StreamFigures>>;
  /** From the path's return to the next chunk, both streams, ms. */
  readonly recoveryMs: Partial<Record<CutKind | "all", Spread>>;
  readonly pageMemory: MemoryFigures;
  readonly backendMemory: MemoryFigures;
}

interface StreamFigures extends Verdict {
  readonly cuts: number;
  /** Chunks that came to the backend again and were dropped there. */
  readonly duplicates: number;
  readonly delayMs: Spread | null;
}

export async function runRandomCuts(minutes: number, seed: number, folder: string): Promise<CutsFigures> {
  const webPort = await freePort();
  const proxy = await FaultProxy.start();
  const recording = new Recording(path.join(folder, "cuts"));
  const backend = await startBackend({
    recordingDir: path.join(folder, "cuts"),
    origins: [originOf(webPort)],
  });
  proxy.forwardTo(backend.port);
  const phone = await openPhone(webPort, `http://127.0.0.1:${proxy.port}`);
  try {
    const startedAt = Date.now();
    await phone.stream();
    for (const kind of ["video", "audio"] as const) {
      await streamsAfter(() => recording.stream(kind), startedAt, kind);
    }
    const pageWatch = await MemoryWatch.ofPage(phone.ui.page);
    const backendWatch = new MemoryWatch(() => backend.pid);
    const cutUntil = async (kind: StreamKind, seedOfKind: number) => {
      const stream = recording.stream(kind);
      return playCuts(planCuts(seedOfKind, MANY), proxy, kind, stream, startedAt + minutes * 60_000);
    };
    const cuts = (await Promise.all([cutUntil("video", seed), cutUntil("audio", seed + 1)])).flat();
    await stopStreaming(phone.ui);
    const durationMs = Date.now() - startedAt;
    const listed = (await (await fetch(`http://127.0.0.1:${backend.port}/streams`)).json()) as {
      streams: { stream: StreamKind; duplicates: number }[];
    };
    const figuresOf = async (kind: StreamKind): Promise<StreamFigures> => {
      const stream = recording.stream(kind);
      return {
        ...(await judge(stream, folder)),
        cuts: cuts.filter((cut) => cut.stream === kind).length,
        duplicates: listed.streams.find((one) => one.stream === kind)?.duplicates ?? 0,
        delayMs: spreadOf(stream.chunks.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs]))),
      };
    };
    const waits = new Map(
      (["video", "audio"] as const).flatMap((kind) => [
        ...recoveriesMs(
          cuts.filter((cut) => cut.stream === kind),
          recording.stream(kind),
        ),
      ]),
    );
    const kinds = [...new Set([...waits.keys()].map(({ kind }) => kind))].sort();
    const spreadOfKind = (kind: CutKind) =>
      spreadOf([...waits].flatMap(([cut, ms]) => (cut.kind === kind ? [ms] : [])));
    return {
      durationMs,
      streams: { video: await figuresOf("video"), audio: await figuresOf("audio") },
      recoveryMs: Object.fromEntries([
        ...kinds.map((kind) => [kind, spreadOfKind(kind)]),
        ["all", spreadOf([...waits.values()])],
      ]),
      pageMemory: pageWatch.stop(),
      backendMemory: backendWatch.stop(),
    };
  } finally {
    await phone.close();
    await backend.stop();
    await proxy.close();
  }
}

/** A day of them. */
const MANY = 100_000;
