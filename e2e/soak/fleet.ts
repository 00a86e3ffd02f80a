/**
 * Several backends behind one address, connections dealt to them at random: backends killed with -9 every few seconds,
 * consumers as well, the engine restarted once, and random cuts of both streams all the while. The same schedule without an engine
 * shows what it is for.
 */

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StreamKind } from "twincast";
import type { Service } from "../../tools/services.ts";
import { startConsumer } from "../support/consumer.ts";
import { planCuts, playCuts, streamsAfter } from "../support/cuts.ts";
import { type Engine, startEngine } from "../support/engine.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { stopStreaming } from "../support/flows.ts";
import { freePort, type Running, startBackend } from "../support/processes.ts";
import { type Random, seeded } from "../support/random.ts";
import { Recording } from "../support/recording.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import { openPhone, originOf } from "./phone.ts";

export interface FleetPlan {
  readonly minutes: number;
  readonly seed: number;
  readonly replicas: number;
  /** Whether processes are killed; without it only cuts. */
  readonly kill: boolean;
}

export interface FleetFigures {
  readonly withEngine: boolean;
  readonly durationMs: number;
  readonly backendKills: number;
  readonly consumerKills: number;
  readonly engineRestarts: number;
  readonly cuts: number;
  /** Sockets of both streams, as the proxy saw them. */
  readonly connections: number;
  readonly streams: Readonly<Record<StreamKind, Verdict>>;
}

const KINDS: readonly StreamKind[] = ["video", "audio"];
const MANY_CUTS = 100_000;
/** As if by chance, but each run has some. */
const KILL_EVERY_MS = [1_500, 4_000] as const;
const CONSUMER_EVERY_MS = [6_000, 10_000] as const;
/** How long the consumers may take for what is left after Stop: a lease, and a start. */
const CATCH_UP_MS = 20_000;

export async function runFleet(plan: FleetPlan, withEngine: boolean, folder: string): Promise<FleetFigures> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await play(plan, withEngine ? await begun(startEngine(), ends) : null, folder, ends);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function begun(engine: Promise<Engine>, ends: (() => Promise<unknown>)[]): Promise<Engine> {
  const running = await engine;
  ends.push(() => running.stop());
  return running;
}

async function play(
  { minutes, seed, replicas, kill }: FleetPlan,
  engine: Engine | null,
  folder: string,
  ends: (() => Promise<unknown>)[],
): Promise<FleetFigures> {
  const random = seeded(seed);
  const recordingDir = path.join(folder, engine ? "with-engine" : "without-engine");
  const recording = new Recording(recordingDir);
  const webPort = await freePort();
  const proxy = await FaultProxy.start();
  ends.push(() => proxy.close());

  const shared: Record<string, string> = engine ? { LOG_URL: engine.url, LOG_KEEP_S: "60" } : {};
  const startReplica = (port?: number) =>
    startBackend({
      recordingDir,
      origins: [originOf(webPort)],
      env: engine ? { SINKS: "console", ...shared } : {},
      ...(port === undefined ? {} : { port }),
    });
  const backends: Running[] = [];
  ends.push(() => Promise.all(backends.map((one) => one.stop("SIGKILL"))));
  for (let number = 0; number < replicas; number++) backends.push(await startReplica());
  proxy.dealTo(
    backends.map(({ port }) => port),
    random,
  );

  const newConsumer = () => startConsumer({ recordingDir, env: shared });
  const consumers: Service[] = engine ? [newConsumer(), newConsumer()] : [];
  ends.push(() => Promise.all(consumers.map((one) => one.stop("SIGTERM"))));

  const phone = await openPhone(webPort, `http://127.0.0.1:${proxy.port}`);
  ends.push(() => phone.close());
  const startedAt = Date.now();
  const deadline = startedAt + minutes * 60_000;
  await phone.stream();
  for (const kind of KINDS) await streamsAfter(() => recording.stream(kind), startedAt, kind);

  const counts = { backendKills: 0, consumerKills: 0, engineRestarts: 0 };
  const until = async (everyMs: readonly [number, number], work: () => Promise<unknown>) => {
    while (kill) {
      const pauseMs = between(random, everyMs);
      if (Date.now() + pauseMs > deadline) return;
      await sleep(pauseMs);
      await work();
    }
  };
  const killBackend = async () => {
    const index = Math.floor(random.between(0, backends.length));
    const victim = backends[index];
    if (!victim) return;
    await victim.stop("SIGKILL");
    counts.backendKills++;
    backends[index] = await startReplica(victim.port);
  };
  const killConsumer = async () => {
    const index = Math.floor(random.between(0, consumers.length));
    await consumers[index]?.stop("SIGKILL");
    counts.consumerKills++;
    consumers[index] = newConsumer();
  };
  const restartEngine = async () => {
    if (!engine || !kill) return;
    await sleep((minutes * 60_000) / 2);
    await engine.restart();
    counts.engineRestarts++;
  };
  const cut = (kind: StreamKind, seedOfKind: number) =>
    playCuts(planCuts(seedOfKind, MANY_CUTS), proxy, kind, recording.stream(kind), deadline);
  const [video, audio] = await Promise.all([
    cut("video", seed),
    cut("audio", seed + 1),
    until(KILL_EVERY_MS, killBackend),
    engine ? until(CONSUMER_EVERY_MS, killConsumer) : undefined,
    restartEngine(),
  ]);
  await stopStreaming(phone.ui);
  const durationMs = Date.now() - startedAt;
  if (engine) await caughtUp(recording);
  return {
    withEngine: engine !== null,
    durationMs,
    ...counts,
    cuts: video.length + audio.length,
    connections: proxy.connections.video + proxy.connections.audio,
    streams: {
      video: await judge(recording.stream("video"), folder),
      audio: await judge(recording.stream("audio"), folder),
    },
  };
}

/** Waits until the consumers have the end of both streams. */
async function caughtUp(recording: Recording): Promise<void> {
  const deadline = Date.now() + CATCH_UP_MS;
  while (KINDS.some((kind) => recording.stream(kind).verified === null) && Date.now() < deadline) {
    await sleep(100);
  }
}

const between = (random: Random, [from, to]: readonly [number, number]) => random.between(from, to);

export function formatFleet(figures: FleetFigures): string {
  const { withEngine, durationMs, backendKills, consumerKills, engineRestarts, cuts, connections, streams } =
    figures;
  const seconds = Math.round(durationMs / 1_000);
  return [
    `${withEngine ? "With" : "Without"} an engine, ${seconds} s: ${backendKills} kill -9 of backends, ` +
      `${consumerKills} of consumers, ${engineRestarts} restarts of the engine, ${cuts} cuts, ${connections} connections`,
    ...Object.entries(streams).map(([kind, one]) => {
      const decodes =
        one.complaints.length === 0 ? "decodes without a complaint" : `${one.complaints.length} complaints`;
      return (
        `  ${kind}: ${one.chunks} chunks, ${(one.bytes / 1e6).toFixed(1)} MB in ${one.segments} segments, ` +
        `${one.lost.length} lost, ${one.repeated.length} handed on again, ${one.gaps.length} gaps, ` +
        `${one.verified ? "verified" : "not verified"}, ${decodes}`
      );
    }),
  ].join("\n");
}

/** @returns a sentence per broken promise of a fleet with an engine. */
export function fleetFaults({ streams }: FleetFigures): string[] {
  return Object.entries(streams).flatMap(([kind, one]) =>
    [
      one.lost.length > 0 && `${kind}: lost chunks ${one.lost.join(", ")}`,
      one.repeated.length > 0 && `${kind}: chunks handed on again ${one.repeated.join(", ")}`,
      one.gaps.length > 0 && `${kind}: ${one.gaps.length} gaps`,
      one.verified !== true && `${kind}: not verified`,
      one.segments !== 1 && `${kind}: ${one.segments} segments, though every backend knew the stream`,
      one.strayBytes !== 0 && `${kind}: ${one.strayBytes} bytes beside the chunks`,
      one.complaints.length > 0 && `${kind}: ffmpeg says ${one.complaints.join("; ")}`,
    ].filter((fault) => fault !== false),
  );
}
