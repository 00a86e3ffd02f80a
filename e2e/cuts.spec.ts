import { planCuts, playCuts, recoveriesMs, streamsAfter } from "./support/cuts.ts";
import { FaultProxy } from "./support/fault-proxy.ts";
import { spreadOf } from "./support/figures.ts";
import { expect, test } from "./support/fixtures.ts";
import { allowDevices, badge, receives, record, startStreaming, stopStreaming } from "./support/flows.ts";
import { openPlainSocket, startPlainReceiver } from "./support/plain-socket.ts";
import { judge, WHOLE } from "./support/verdict.ts";

/** `CUTS_SEED` repeats another run. */
const SEED = Number(process.env.CUTS_SEED ?? 20_261_122);
/** `npm run soak` plays as many as you have time for. */
const CUTS = 12;

for (const hit of [["video"], ["audio"], ["video", "audio"]] as const) {
  test(`loses and repeats nothing through ${CUTS} random cuts of ${hit.join(" and of ")}`, async ({
    ui,
    backend,
    faults,
    pageUrl,
  }, info) => {
    console.log(`CUTS_SEED=${SEED}`);
    await startStreaming(ui, pageUrl);
    for (const kind of ["video", "audio"] as const) await receives(backend, kind, 1);
    const cuts = await Promise.all(
      hit.map((kind, index) =>
        playCuts(planCuts(SEED + index, CUTS), faults, kind, backend.recording.stream(kind)),
      ),
    );
    await stopStreaming(ui);

    for (const kind of ["video", "audio"] as const) {
      const stream = backend.recording.stream(kind);
      expect(await judge(stream, info.outputDir), kind).toMatchObject(WHOLE);
      const own = cuts.flat().filter((cut) => cut.stream === kind);
      if (own.length === 0) {
        expect(stream.connections).toBe(1);
      } else {
        expect(stream.connections).toBeGreaterThan(CUTS / 4);
        console.log(`${kind} streams again after, ms:`, spreadOf([...recoveriesMs(own, stream).values()]));
      }
    }
  });
}

test(
  "streams again soon after a black hole of 20 s, which a plain WebSocket does not outlive",
  { tag: "@firefox" },
  async ({ ui, backend, faults, pageUrl }, info) => {
    let plainArrivedAt = 0;
    const receiver = await startPlainReceiver(() => {
      plainArrivedAt = Date.now();
    });
    const plainFaults = await FaultProxy.start();
    plainFaults.forwardTo(receiver.port);
    await startStreaming(ui, pageUrl);
    await openPlainSocket(ui, `ws://127.0.0.1:${plainFaults.port}/ws/video`);
    for (const kind of ["video", "audio"] as const) await receives(backend, kind, 1);
    await expect.poll(() => plainArrivedAt).toBeGreaterThan(0);

    for (const proxy of [faults, plainFaults]) proxy.set("both", { blackHole: true });
    const beganAt = Date.now();
    await ui.see(badge("video", "reconnecting"));
    await ui.see(badge("audio", "reconnecting"));
    await expect.poll(() => Date.now() - beganAt, { timeout: 25_000 }).toBeGreaterThan(20_000);
    for (const proxy of [faults, plainFaults]) proxy.clear();
    const returnedAt = Date.now();
    for (const kind of ["video", "audio"] as const) {
      await streamsAfter(() => backend.recording.stream(kind), returnedAt, `${kind} after the black hole`);
    }
    const plainWaited = plainArrivedAt < returnedAt;
    await stopStreaming(ui);
    await plainFaults.close();
    await receiver.close();

    expect(plainWaited, "the plain socket is still silent").toBe(true);
    for (const kind of ["video", "audio"] as const) {
      const stream = backend.recording.stream(kind);
      const first = stream.chunks.find(({ receivedAt }) => receivedAt >= returnedAt);
      const waitedMs = (first?.receivedAt ?? Number.POSITIVE_INFINITY) - returnedAt;
      console.log(`${kind} streams again ${Math.round(waitedMs)} ms after the path's return`);
      expect(waitedMs).toBeLessThan(5_000);
      expect(await judge(stream, info.outputDir), kind).toMatchObject(WHOLE);
    }
  },
);

test.describe("with a backend that waits long for a hello", () => {
  test.use({ backendEnv: { HELLO_TIMEOUT_MS: "20000" } });

  test("streams on when the hello of a socket that was given up arrives behind its successor's", async ({
    ui,
    backend,
    faults,
    pageUrl,
  }, info) => {
    await allowDevices(ui, pageUrl);
    // The page has tried a socket of its own to look for the backend; the next one is the stream's.
    const before = faults.connections.video;
    const release = faults.holdNext("video");
    await ui.press("Start streaming");
    await ui.see(record("live"), 10_000);
    await receives(backend, "video", 1);
    expect(faults.connections.video - before).toBeGreaterThan(1);
    release();
    await expect.poll(() => /"code": ?"displaced"/.test(backend.output())).toBe(true);
    const arrivedAt = Date.now();
    await streamsAfter(() => backend.recording.stream("video"), arrivedAt, "video after the late hello");
    await ui.see(badge("video", "live"));
    await stopStreaming(ui);

    const stream = backend.recording.stream("video");
    expect(stream.connections).toBe(1);
    for (const kind of ["video", "audio"] as const) {
      expect(await judge(backend.recording.stream(kind), info.outputDir), kind).toMatchObject(WHOLE);
    }
  });
});
