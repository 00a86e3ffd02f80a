/**
 * `npm run bench:latency [-- --seconds 15 --rounds 3 --size 640x480 --only realtime]`: from capture to the backend's
 * handler, and to the screen and the loudspeaker of who watches, for every cadence, side by side. docs/latency.md explains
 * the method. Needs a built page.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { printReport, printWatchedReport } from "./report.ts";
import { measure, type RunResult, type Variant } from "./run.ts";
import { measureWatched, type WatchedResult, type WatchedVariant } from "./watched.ts";

const VARIANTS: readonly Variant[] = [
  { name: "preview only", search: null },
  { name: "MediaRecorder 1000 ms", search: "?encoder=media-recorder&cadence=1000" },
  { name: "MediaRecorder 250 ms", search: "?encoder=media-recorder&cadence=250" },
  { name: "MediaRecorder 100 ms", search: "?encoder=media-recorder&cadence=100" },
  { name: "WebCodecs 100 ms", search: "?encoder=webcodecs&cadence=100" },
  { name: "WebCodecs 100 ms, stored", search: "?encoder=webcodecs&cadence=100", isStored: true },
  { name: "WebCodecs realtime", search: "?encoder=webcodecs&cadence=realtime" },
];

const WATCHED: readonly WatchedVariant[] = [
  { name: "watched, MediaRecorder 100 ms", search: "?encoder=media-recorder&cadence=100" },
  { name: "watched, WebCodecs 100 ms", search: "?encoder=webcodecs&cadence=100" },
  { name: "watched, WebCodecs realtime", search: "?encoder=webcodecs&cadence=realtime" },
];

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "3" },
    size: { type: "string", default: "640x480" },
    fps: { type: "string", default: "30" },
    only: { type: "string", default: "" },
  },
});
const [width, height] = values.size.split("x").map(Number);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const frameRate = Number(values.fps);
if (!width || !height || !seconds || !rounds || !frameRate || width % 2 || height % 2) {
  throw new Error("Usage: npm run bench:latency -- --seconds 15 --rounds 3 --size 640x480 --fps 30");
}
const isWanted = ({ name }: { name: string }) => name.includes(values.only);
const variants = VARIANTS.filter(isWanted);
const watched = WATCHED.filter(isWanted);

const load = () => loadavg()[0]?.toFixed(1) ?? "?";
console.log(
  `${width}x${height} at ${frameRate}, ${rounds} rounds of ${seconds} s each; ` +
    `${availableParallelism()} x ${cpus()[0]?.model ?? "?"}, load at the start ${load()}`,
);
// Round by round, so that whatever else the machine does meets every variant alike.
const results = new Map<string, RunResult[]>(variants.map(({ name }) => [name, []]));
const watchedResults = new Map<string, WatchedResult[]>(watched.map(({ name }) => [name, []]));
for (let round = 1; round <= rounds; round++) {
  for (const variant of variants) {
    console.log(`round ${round}: ${variant.name} (load ${load()})`);
    results.get(variant.name)?.push(await measure(variant, { width, height, frameRate }, seconds));
  }
  for (const variant of watched) {
    console.log(`round ${round}: ${variant.name} (load ${load()})`);
    watchedResults
      .get(variant.name)
      ?.push(await measureWatched(variant, { width, height, frameRate }, seconds));
  }
}
if (variants.length > 0) printReport(results);
if (watched.length > 0) printWatchedReport(watchedResults);
console.log(`load at the end ${load()}`);
