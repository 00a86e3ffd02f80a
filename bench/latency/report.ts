import type { StreamKind } from "twincast";
import { percentile } from "../../frontend/twincast/src/percentile.ts";
import type { RunResult, StreamResult } from "./run.ts";
import type { WatchedResult } from "./watched.ts";

const p95 = (samples: readonly number[]) => percentile(samples, 0.95) ?? Number.NaN;
const median = (samples: readonly number[]) => percentile(samples, 0.5) ?? Number.NaN;

/** The goals, on one machine in desktop Chromium: p95 in ms. */
const GOALS_P95_MS: Readonly<Record<string, { readonly video: number; readonly audio: number }>> = {
  "WebCodecs 100 ms": { video: 150, audio: 150 },
  "WebCodecs realtime": { video: 50, audio: 40 },
};

/** Prints the table of all variants, the runs of each pooled, in Markdown. */
export function printReport(results: ReadonlyMap<string, readonly RunResult[]>): void {
  const rows = [
    [
      "",
      "video p50",
      "p95",
      "dropped",
      "audio p50",
      "p95",
      "dropped",
      "browser CPU",
      "page thread",
      "source p95",
    ],
  ];
  for (const [name, runs] of results) {
    const video = pool(runs, "video");
    const audio = pool(runs, "audio");
    const mean = (of: (run: RunResult) => number) =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    rows.push([
      name,
      ...columns(video, GOALS_P95_MS[name]?.video),
      ...columns(audio, GOALS_P95_MS[name]?.audio),
      `${mean(({ cpu }) => cpu.browserPercent).toFixed(0)} %`,
      `${mean(({ cpu }) => cpu.pageThreadPercent).toFixed(1)} %`,
      p95(runs.flatMap((run) => run.sourceLatenessMs)).toFixed(1),
    ]);
  }
  printTable("ms from capture to the backend's handler; + meets its goal, ! misses it", rows);
  for (const [name, runs] of results) {
    const { video, audio } = runs[0]?.streams ?? {};
    if (video && audio) console.log(`${name}: ${video.format} and ${audio.format}`);
  }
}

/** What who watches sees and hears; the goals are for a phone that sends each frame at once. */
const WATCHED_GOALS_MS: Readonly<
  Record<string, { readonly p50: number; readonly p95: number; readonly sound: number }>
> = {
  "watched, WebCodecs realtime": { p50: 40, p95: 80, sound: 120 },
};

/** Prints the table of who watches, the runs of each pooled, in Markdown. */
export function printWatchedReport(results: ReadonlyMap<string, readonly WatchedResult[]>): void {
  const rows = [
    [
      "",
      "picture p50",
      "p95",
      "pictures",
      "with sound: picture p50",
      "p95",
      "sound p50",
      "p95",
      "viewer CPU",
    ],
  ];
  for (const [name, runs] of results) {
    const goals = WATCHED_GOALS_MS[name];
    const silent = runs.flatMap(({ silentMs }) => silentMs);
    const picture = runs.flatMap(({ pictureMs }) => pictureMs);
    const sound = runs.flatMap(({ soundMs }) => soundMs);
    const percent = runs.reduce((sum, { viewerPercent }) => sum + viewerPercent, 0) / runs.length;
    rows.push([
      name,
      judged(median(silent), goals?.p50),
      judged(p95(silent), goals?.p95),
      String(silent.length),
      judged(median(picture), undefined),
      judged(p95(picture), undefined),
      judged(median(sound), undefined),
      judged(p95(sound), goals?.sound),
      `${percent.toFixed(0)} %`,
    ]);
  }
  printTable("ms from capture to the page of who watches; + meets its goal, ! misses it", rows);
}

function judged(ms: number, goalMs: number | undefined): string {
  const verdict = goalMs === undefined ? "" : ms <= goalMs ? " +" : " !";
  return `${ms.toFixed(0)}${verdict}`;
}

function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  console.log(`\n${title}\n${line(head)}`);
  console.log(`| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  for (const row of body) console.log(line(row));
}

function pool(runs: readonly RunResult[], kind: StreamKind): StreamResult | undefined {
  const streams = runs.flatMap((run) => (run.streams ? [run.streams[kind]] : []));
  const [first] = streams;
  return (
    first && {
      format: first.format,
      delaysMs: streams.flatMap(({ delaysMs }) => delaysMs),
      dropped: streams.reduce((sum, { dropped }) => sum + dropped, 0),
      given: streams.reduce((sum, { given }) => sum + given, 0),
    }
  );
}

function columns(stream: StreamResult | undefined, goalP95Ms: number | undefined): [string, string, string] {
  if (!stream) return ["", "", ""];
  return [
    median(stream.delaysMs).toFixed(0),
    judged(p95(stream.delaysMs), goalP95Ms),
    `${stream.dropped} of ${stream.given}`,
  ];
}
