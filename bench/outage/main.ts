/**
 * `npm run bench:outage [-- --minutes 10]`: what an outage costs the page in memory. The built page streams at 720p, loses
 * both connections for so long, and delivers what it has stored. Exits with 1 where the page grew by more than 40 MB, or
 * anything is missing. Needs a built page, and Linux for its figures of memory.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type MemoryFigures, MemoryWatch } from "../../e2e/soak/memory.ts";
import { openPhone, originOf } from "../../e2e/soak/phone.ts";
import { FaultProxy } from "../../e2e/support/fault-proxy.ts";
import { badge, receives, stopStreaming } from "../../e2e/support/flows.ts";
import { freePort, startBackend } from "../../e2e/support/processes.ts";
import { accountOf, Recording } from "../../e2e/support/recording.ts";

const KINDS = ["video", "audio"] as const;
const MAX_GROWTH_BYTES = 40e6;
/** Before it, so that what the page needs to run is not taken for growth. */
const BEFORE_MS = 60_000;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error("Usage: npm run bench:outage -- --minutes 10");

const mb = (bytes: number | null) => (bytes === null ? "not measured" : `${(bytes / 1e6).toFixed(0)} MB`);
const told = ({ startBytes, peakBytes, endBytes }: MemoryFigures) =>
  `${mb(startBytes)} at first, at most ${mb(peakBytes)}, ${mb(endBytes)} at the end`;

const cleanUps: (() => Promise<unknown>)[] = [];
try {
  const recordingDir = await mkdtemp(path.join(tmpdir(), "twincast-outage-"));
  cleanUps.push(() => rm(recordingDir, { recursive: true }));
  const proxy = await FaultProxy.start();
  cleanUps.push(() => proxy.close());
  const webPort = await freePort();
  const backend = await startBackend({ recordingDir, origins: [originOf(webPort)] });
  cleanUps.push(() => backend.stop());
  proxy.forwardTo(backend.port);
  const phone = await openPhone(webPort, `http://127.0.0.1:${proxy.port}`);
  cleanUps.push(() => phone.close());
  const recording = new Recording(recordingDir);
  await phone.stream();
  for (const kind of KINDS) await receives({ recording }, kind, 2);

  const beforeWatch = await MemoryWatch.ofPage(phone.ui.page);
  await wait(BEFORE_MS);
  const before = beforeWatch.stop();
  const watch = await MemoryWatch.ofPage(phone.ui.page);
  proxy.set("both", { refuse: true });
  proxy.cut("both");
  await wait(minutes * 60_000);
  const during = watch.stop();
  proxy.clear();
  for (const kind of KINDS) await phone.ui.see(badge(kind, "live"), minutes * 60_000 + 60_000);
  console.log(`The page, ${BEFORE_MS / 1_000} s before: ${told(before)}`);
  console.log(`The page, ${minutes} min without a connection: ${told(during)}`);
  console.log(`Its median in each of these minutes: ${during.minutesBytes.map(mb).join(", ")}`);
  await stopStreaming(phone.ui);

  let isWhole = true;
  for (const kind of KINDS) {
    const stream = recording.stream(kind);
    const { missing, repeated } = accountOf(stream);
    const bytes = stream.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    const isVerified = stream.verified === true;
    if (missing.length + repeated.length + stream.gaps.length > 0 || !isVerified) isWhole = false;
    console.log(
      `${kind}: ${stream.chunks.length} chunks, ${mb(bytes)}, ${missing.length} missing, ${repeated.length} repeated, ` +
        `${stream.gaps.length} gaps, ${isVerified ? "verified" : "not verified"}`,
    );
  }
  const growthBytes = (during.peakBytes ?? 0) - (before.peakBytes ?? 0);
  console.log(`Growth: ${mb(growthBytes)}, allowed ${mb(MAX_GROWTH_BYTES)}`);
  if (!isWhole || growthBytes > MAX_GROWTH_BYTES) process.exitCode = 1;
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}
