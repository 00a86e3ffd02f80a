/** The soak's figures as a page of text, and what of them breaks a promise. Pure. */
import type { Spread } from "../support/figures.ts";
import type { Verdict } from "../support/verdict.ts";
import { type BlackHoles, nameOf } from "./black-holes.ts";
import type { KillFigures } from "./kills.ts";
import type { MemoryFigures } from "./memory.ts";
import type { CutsFigures } from "./random-cuts.ts";

export interface Report {
  readonly minutes: number;
  readonly seed: number;
  readonly cuts: CutsFigures;
  readonly kills: KillFigures;
  readonly blackHoles: BlackHoles;
}

/** The app is to stream again within these times of the path's return. */
const MAX_P95_MS = 1_000;
const MAX_MS = 5_000;
/** Firefox asks first, in attempts of three seconds. */
export const FIREFOX_MAX_P95_MS = 5_000;
/** From about here on Chromium delays a page's new WebSockets by up to 5 s, for having failed so often. */
const HELD_BACK_AFTER_MS = 60_000;
/** What a killed process had handed to its sinks and not acknowledged: the chunks of an ack interval and its way. */
const MAX_REPEATS_PER_KILL = 5;

export function formatReport({ cuts, kills, blackHoles }: Report): string {
  const lines = [`Random cuts, ${seconds(cuts.durationMs)} of both streams`];
  for (const [kind, figures] of Object.entries(cuts.streams)) {
    lines.push(
      `  ${kind}: ${figures.cuts} cuts, ${figures.connections} connections, ${verdictText(figures)}, ` +
        `${figures.duplicates} duplicates dropped by the backend`,
      `    delay from capture: ${spreadText(figures.delayMs)}`,
    );
  }
  lines.push("  streaming again after a cut's end:");
  for (const [kind, spread] of Object.entries(cuts.recoveryMs)) {
    lines.push(`    ${kind.padEnd(10)} ${spreadText(spread)}`);
  }
  lines.push(`  memory of the page: ${memoryText(cuts.pageMemory)}`);
  lines.push(`  memory of the backend: ${memoryText(cuts.backendMemory)}`);
  lines.push(`kill -9 of the backend, ${kills.kills} times`);
  lines.push(`  video: ${verdictText(kills.video)}`, `  audio: ${verdictText(kills.audio)}`);
  lines.push(`  streaming again after the new process's first answer: ${spreadText(kills.recoveryMs)}`);
  lines.push(formatBlackHoles(blackHoles));
  return lines.join("\n");
}

export function formatBlackHoles(blackHoles: BlackHoles): string {
  switch (blackHoles.kind) {
    case "not-possible":
      return `Black holes of packets: not possible on this machine: ${blackHoles.reason}`;
    case "measured":
      return [
        "Black holes of packets, streaming again after the path's return",
        ...blackHoles.holes.flatMap((hole) => [`  ${nameOf(hole)}: ${spreadText(hole.recoveryMs)}`]),
        `  over all: ${totalText(blackHoles.holes.flatMap(({ verdicts }) => verdicts))}`,
      ].join("\n");
  }
}

/** @returns a sentence per broken promise. */
export function faultsOf({ cuts, kills, blackHoles }: Report): string[] {
  const faults = [
    ...wholeFaults("cuts, video", cuts.streams.video),
    ...wholeFaults("cuts, audio", cuts.streams.audio),
  ];
  const check = checkInto(faults);
  for (const [kind, verdict] of Object.entries({ video: kills.video, audio: kills.audio })) {
    check(verdict.lost.length === 0, `kills, ${kind}: lost chunks ${verdict.lost.join(", ")}`);
    check(verdict.gaps.length === 0, `kills, ${kind}: ${verdict.gaps.length} gaps`);
    check(
      verdict.repeated.length <= MAX_REPEATS_PER_KILL * kills.kills,
      `kills, ${kind}: ${verdict.repeated.length} repeated chunks`,
    );
  }
  return [...faults, ...blackHoleFaults(blackHoles)];
}

/** @param maxP95Ms of a hole after which Chromium does not hold sockets back. @returns a sentence per broken promise. */
export function blackHoleFaults(blackHoles: BlackHoles, maxP95Ms = MAX_P95_MS): string[] {
  if (blackHoles.kind === "not-possible") return [];
  return blackHoles.holes.flatMap((hole) => {
    const faults = hole.verdicts.flatMap((verdict) => wholeFaults(nameOf(hole), verdict));
    const check = checkInto(faults);
    const { p95 = Number.NaN, max = Number.NaN } = hole.recoveryMs ?? {};
    const what = `${nameOf(hole)}: streaming again after`;
    check(p95 <= maxP95Ms || hole.lengthMs > HELD_BACK_AFTER_MS, `${what} ${Math.round(p95)} ms (p95)`);
    check(max <= MAX_MS || hole.lengthMs > HELD_BACK_AFTER_MS, `${what} ${Math.round(max)} ms (max)`);
    return faults;
  });
}

function wholeFaults(name: string, verdict: Verdict): string[] {
  const faults: string[] = [];
  const check = checkInto(faults);
  check(verdict.lost.length === 0, `${name}: lost chunks ${verdict.lost.join(", ")}`);
  check(verdict.repeated.length === 0, `${name}: repeated chunks ${verdict.repeated.join(", ")}`);
  check(verdict.gaps.length === 0, `${name}: ${verdict.gaps.length} gaps`);
  check(verdict.verified === true, `${name}: not verified`);
  check(verdict.strayBytes === 0, `${name}: ${verdict.strayBytes} bytes beside the chunks`);
  check(verdict.complaints.length === 0, `${name}: ffmpeg says ${verdict.complaints.join("; ")}`);
  return faults;
}

const checkInto = (faults: string[]) => (holds: boolean, fault: string) => {
  if (!holds) faults.push(fault);
};

function verdictText(verdict: Verdict): string {
  const { chunks, bytes, segments, lost, repeated, gaps, verified, complaints } = verdict;
  return [
    `${chunks} chunks, ${(bytes / 1e6).toFixed(1)} MB in ${segments} segments`,
    `${lost.length} lost`,
    `${repeated.length} repeated to the sink`,
    `${gaps.length} gaps`,
    verified ? "verified" : "verified in part",
    complaints.length === 0 ? "decodes without a complaint" : `${complaints.length} segments with complaints`,
  ].join(", ");
}

function totalText(verdicts: readonly Verdict[]): string {
  const sum = (count: (verdict: Verdict) => number) => verdicts.reduce((total, one) => total + count(one), 0);
  return verdictText({
    chunks: sum(({ chunks }) => chunks),
    bytes: sum(({ bytes }) => bytes),
    connections: sum(({ connections }) => connections),
    segments: sum(({ segments }) => segments),
    lost: verdicts.flatMap(({ lost }) => lost),
    repeated: verdicts.flatMap(({ repeated }) => repeated),
    gaps: verdicts.flatMap(({ gaps }) => gaps),
    verified: verdicts.every(({ verified }) => verified),
    strayBytes: sum(({ strayBytes }) => strayBytes),
    complaints: verdicts.flatMap(({ complaints }) => complaints),
  });
}

function spreadText(spread: Spread | null): string {
  if (!spread) return "none";
  const { count, p50, p95, max } = spread;
  const ms = (value: number) => `${Math.round(value)} ms`;
  return `p50 ${ms(p50)}, p95 ${ms(p95)}, max ${ms(max)} (${count})`;
}

function memoryText({ startBytes, peakBytes, endBytes }: MemoryFigures): string {
  const mb = (bytes: number | null) => (bytes === null ? "not measured" : `${Math.round(bytes / 1e6)} MB`);
  return `${mb(startBytes)} at first, at most ${mb(peakBytes)}, ${mb(endBytes)} at the end`;
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
