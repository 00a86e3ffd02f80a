import { expect, test } from "../support/fixtures.ts";
import { badge, receives, startStreaming, stopStreaming } from "../support/flows.ts";
import { freePort, startBackend, startWeb } from "../support/processes.ts";
import { accountOf, Recording, type StreamKind } from "../support/recording.ts";
import { percentile, summary } from "./figures.ts";
import { NetworkHole } from "./network-hole.ts";

const TRIALS = Number(process.env.SOAK_TRIALS ?? 3);
const LENGTHS_S = [2, 20, 60];
const KINDS: readonly StreamKind[] = ["video", "audio"];
const BACKEND_PORT = 8_000;

test("packet-level black holes", async ({ ui }, info) => {
  const hole = NetworkHole.open();
  if (typeof hole === "string") {
    console.log(`\nPacket-level black holes: not run, ${hole}.\n`);
    return;
  }
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const recordingDir = info.outputPath("recordings");
  const backend = await startBackend({
    recordingDir,
    origins: [origin],
    port: BACKEND_PORT,
    inside: hole,
    // The plain socket beside the app has no way back from being closed.
    env: { IDLE_TIMEOUT_MS: "600000" },
  });
  const backendUrl = `http://${hole.address}:${BACKEND_PORT}`;
  const web = await startWeb({ port, backendUrl });
  const appMs: number[] = [];
  const lines: string[] = [];
  try {
    await startStreaming(ui, `${origin}/`);
    const recording = new Recording(recordingDir);
    for (const kind of KINDS) await receives({ recording }, kind, 2);
    // The only one yet; the plain socket is a session too.
    const [session] = recording.sessions;
    await ui.evaluate(openPlainSocket, backendUrl.replace("http", "ws"));
    for (const seconds of LENGTHS_S) {
      const ofLength: number[] = [];
      const plain: number[] = [];
      for (let trial = 0; trial < TRIALS; trial++) {
        hole.dropPackets(true);
        await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
        hole.dropPackets(false);
        const returnedAt = Date.now();
        for (const kind of KINDS) await ui.see(badge(kind, "live"), 30_000);
        const plainMs = await ui.evaluate(plainSocketHeardAfter, returnedAt);
        plain.push(plainMs);
        for (const kind of KINDS) {
          const first = recording
            .stream(kind, session)
            .chunks.find(({ receivedAt }) => receivedAt > returnedAt);
          if (first) ofLength.push(first.receivedAt - returnedAt);
        }
        expect(ofLength).toHaveLength(KINDS.length * (trial + 1));
        for (const kind of KINDS) await ui.see(badge(kind, "live"), 60_000);
      }
      appMs.push(...ofLength);
      lines.push(`  ${seconds} s: Twincast ${summary(ofLength)}; a plain WebSocket ${summary(plain)}`);
    }
    await stopStreaming(ui);
    lines.unshift(`Packet-level black holes, from the path's return to the first chunk: ${summary(appMs)}`);
    for (const kind of KINDS) {
      const stream = recording.stream(kind, session);
      const { missing, repeated, lastSeq } = accountOf(stream);
      lines.push(
        `  ${kind}: ${lastSeq + 1} chunks, ${missing.length} lost, ${repeated.length} doubled, ` +
          `${stream.gaps.length} gaps, hashes ${stream.verified ? "equal" : "DIFFER"}`,
      );
      expect.soft({ missing, repeated }).toEqual({ missing: [], repeated: [] });
      expect.soft(stream.verified).toBe(true);
    }
    expect.soft(percentile(appMs, 0.95)).toBeLessThanOrEqual(1_000);
    expect.soft(percentile(appMs, 1)).toBeLessThanOrEqual(5_000);
  } finally {
    console.log(`\n${lines.join("\n")}\n`);
    await web.stop();
    await backend.stop();
    hole.close();
  }
});

/** Runs in the page: a WebSocket that says something ten times a second and never reconnects. */
function openPlainSocket(url: string): Promise<void> {
  const heard: number[] = [];
  const socket = new WebSocket(`${url}/ws/audio`, "twincast.v1");
  (window as unknown as { heard: number[] }).heard = heard;
  socket.onmessage = () => heard.push(Date.now());
  return new Promise((resolve) => {
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", session: crypto.randomUUID(), resumeFrom: 0 }));
      setInterval(() => socket.send(JSON.stringify({ type: "ping", t: Date.now() })), 100);
      resolve();
    };
  });
}

/** Runs in the page: how long after `since` the plain socket heard again. */
function plainSocketHeardAfter(since: number): Promise<number> {
  const { heard } = window as unknown as { heard: number[] };
  return new Promise((resolve) => {
    const look = setInterval(() => {
      const first = heard.find((at) => at > since);
      if (first === undefined && Date.now() - since < 120_000) return;
      clearInterval(look);
      resolve((first ?? Date.now()) - since);
    }, 50);
  });
}
