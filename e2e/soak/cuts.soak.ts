import { readFileSync } from "node:fs";
import { expect, test } from "../support/fixtures.ts";
import { badge, decodeSegments, receives, startStreaming, stopStreaming } from "../support/flows.ts";
import { accountOf, type StreamKind } from "../support/recording.ts";
import { carryOut, planCuts, randomBySeed } from "./chaos.ts";
import { summary } from "./figures.ts";

const MINUTES = Number(process.env.SOAK_MINUTES ?? 2);
const SEED = Number(process.env.SOAK_SEED ?? 1);
const KINDS: readonly StreamKind[] = ["video", "audio"];
const CUTS_PER_MINUTE = 20;

test("random cuts", async ({ ui, backend, faults, pageUrl }, info) => {
  const random = randomBySeed(SEED);
  await startStreaming(ui, pageUrl);
  for (const kind of KINDS) await receives(backend, kind, 1);
  const memoryBefore = residentKiB(backend.pid);
  let cuts = 0;
  for (let halfMinute = 0; halfMinute < MINUTES * 2; halfMinute++) {
    const target = (["video", "audio", "both"] as const)[halfMinute % 3] ?? "both";
    const planned = planCuts(random, CUTS_PER_MINUTE / 2, 30_000);
    await carryOut(faults, target, planned);
    cuts += planned.length;
  }
  faults.clear();
  for (const kind of KINDS) await ui.see(badge(kind, "live"), 30_000);
  await stopStreaming(ui);

  const lines = [`Random cuts: ${cuts} in ${MINUTES} min, seed ${SEED}`];
  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    const { missing, repeated, lastSeq } = accountOf(stream);
    const bytes = stream.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    const decoded = await decodeSegments(stream, info.outputDir);
    const complaints = decoded.filter((segment) => segment.complaints !== "").length;
    const delays = stream.chunks.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs]));
    lines.push(
      `  ${kind}: ${lastSeq + 1} chunks, ${(bytes / 1e6).toFixed(1)} MB, ${stream.connections} connections, ` +
        `${missing.length} lost, ${repeated.length} doubled, ${stream.gaps.length} gaps, ` +
        `hashes ${stream.verified ? "equal" : "DIFFER"}, ${decoded.length} segments, ${complaints} with complaints`,
      `    delay from capture, waiting included: ${summary(delays)}`,
    );
    expect.soft({ missing, repeated }).toEqual({ missing: [], repeated: [] });
    expect.soft(stream.verified).toBe(true);
    expect.soft(stream.gaps).toEqual([]);
    expect.soft(complaints).toBe(0);
  }
  lines.push(`  backend's memory: ${memoryBefore} KiB at first, ${residentKiB(backend.pid)} KiB at last`);
  console.log(`\n${lines.join("\n")}\n`);
});

test("killed backends", async ({ ui, backend, pageUrl }, info) => {
  const kills = Math.max(2, Math.round(MINUTES * 2));
  await startStreaming(ui, pageUrl);
  const backMs: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    for (const kind of KINDS) await receives(backend, kind, 3 * (kill + 1));
    await backend.stop("SIGKILL");
    for (const kind of KINDS) await ui.see(badge(kind, "reconnecting"));
    await backend.start();
    const startedAt = Date.now();
    for (const kind of KINDS) await ui.see(badge(kind, "live"), 30_000);
    backMs.push(Date.now() - startedAt);
  }
  await stopStreaming(ui);
  const lines = [`Killed backends: ${kills}, live again after ${summary(backMs)}`];
  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    const { missing, repeated, lastSeq } = accountOf(stream);
    const decoded = await decodeSegments(stream, info.outputDir);
    lines.push(
      `  ${kind}: ${lastSeq + 1} chunks, ${missing.length} lost, ${repeated.length} written by both a killed process ` +
        `and its successor, ${stream.gaps.length} gaps, ${decoded.length} segments`,
    );
    expect.soft(missing).toEqual([]);
    expect.soft(stream.gaps).toEqual([]);
    expect.soft(decoded.at(-1)?.complaints).toBe("");
  }
  console.log(`\n${lines.join("\n")}\n`);
});

function residentKiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN);
}
