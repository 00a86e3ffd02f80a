/**
 * The page's sender without a page, as a program: streams 30 chunks in two segments to the address that it is given, and
 * ends. The conformance run of protocol/conformance.md judges it (e2e/clients.spec.ts), bundled: the package's imports
 * have no file extensions.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "../../clock";
import { DEFAULT_LIMITS, openBrowserSocket, StreamSender } from "../index";

const CHUNKS = 30;
const CADENCE_MS = 100;
const CHUNK_BYTES = 8_192;
/** Above what every backend takes, as a key frame may be: the sender splits it. */
const LARGE_CHUNK_BYTES = 100_000;

const [, , url = ""] = process.argv;

const openSegment = () =>
  sender.openSegment({ mimeType: "video/webm;codecs=vp8", startedAt: systemClock.now(), codecs: "vp8" });

const sender = new StreamSender({
  url,
  session: randomUUID(),
  openSocket: openBrowserSocket,
  clock: systemClock,
  random: Math.random,
  limits: DEFAULT_LIMITS.video,
  onSegmentWanted: openSegment,
  onGap: () => {},
  onStatus: ({ delivery }) => {
    if (delivery.kind === "failed") process.exit(1);
  },
});

sender.start();
openSegment();
let capturedFrom = systemClock.now();
for (let made = 0; made < CHUNKS; made++) {
  await wait(CADENCE_MS);
  if (made === CHUNKS / 2) openSegment();
  const capturedTo = systemClock.now();
  const size = made === CHUNKS / 3 ? LARGE_CHUNK_BYTES : CHUNK_BYTES;
  sender.push({ payload: new Uint8Array(randomBytes(size)), capturedFrom, capturedTo, keyFrame: true });
  capturedFrom = capturedTo;
}
sender.finish();
