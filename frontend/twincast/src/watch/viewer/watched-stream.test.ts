import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { WatchedStatus } from "../../model/watch";
import { settle } from "../../testing/fake-clock";
import { Playhead } from "../play/playhead";
import type { TimedPacket } from "../play/timed-packet";
import { PlayedBackend } from "../testing/backend";
import { WatchedStream } from "./watched-stream";

let recording: Uint8Array;
beforeAll(async () => {
  recording = await readFile(path.join(import.meta.dirname, "../container/testing/webcodecs-h264.mkv"));
});

let backend: PlayedBackend;
let stream: WatchedStream;
let packets: TimedPacket[];
let tracks: number;
let rejoins: number;

beforeEach(() => {
  backend = new PlayedBackend();
  packets = [];
  tracks = rejoins = 0;
  stream = new WatchedStream({
    url: "ws://backend/ws/watch",
    watchId: "9f86",
    kind: "video",
    token: () => null,
    openSocket: backend.openSocket,
    clock: backend.clock,
    random: () => 0,
    playhead: new Playhead(),
    player: {
      track: () => tracks++,
      packet: (packet) => packets.push(packet),
      rejoin: () => rejoins++,
      close: () => {},
    },
    onChange: () => {},
  });
  stream.open();
});

const status = (): WatchedStatus => stream.state().status;
const marks = () => stream.state().figures.marks.map(({ kind }) => kind);

/** The recording, captured up to 10 ms ago, as one chunk. */
async function play(): Promise<void> {
  backend.segment("video/x-matroska;codecs=avc1.64001F");
  const now = backend.clock.now();
  backend.chunk(0, recording, now - 300, now - 10);
  await settle();
}

describe("a watched stream", () => {
  it("is connecting, joins, and is live when its first picture is on the screen", async () => {
    expect(status()).toEqual({ kind: "connecting", attempt: 0 });
    backend.accept();
    expect(status()).toEqual({ kind: "joining" });
    await play();
    expect(tracks).toBe(1);
    expect(packets).toHaveLength(8);
    expect(status()).toEqual({ kind: "joining" });
    stream.shown(packets[0]?.capturedAt ?? 0);
    expect(status()).toEqual({ kind: "live" });
  });

  it("knows when each picture was captured: the last one of a chunk when the chunk says", async () => {
    backend.accept();
    await play();
    const last = packets.at(-1)?.capturedAt ?? 0;
    expect(last).toBeCloseTo(backend.clock.now() - 10, 0);
    expect(last - (packets[0]?.capturedAt ?? 0)).toBeGreaterThan(1_000);
  });

  it("states the delay from capture to here by three clocks, and nothing while one of them is unknown", async () => {
    backend.accept({ clockOffsetMs: undefined });
    await play();
    stream.shown(backend.clock.now() - 80);
    expect(stream.state().figures.delayMs).toBeNull();
    // The phone's clock is an hour ahead, and the backend's a minute behind.
    const t = backend.socket.sent.at(-1)?.t;
    backend.tell({ type: "pong", t, serverTime: backend.clock.now() - 60_000, clockOffsetMs: -3_660_000 });
    for (let n = 0; n < 20; n++) {
      backend.tell({ type: "pong", t: backend.clock.now(), serverTime: backend.clock.now() - 60_000 });
    }
    stream.shown(backend.clock.now() + 3_600_000 - 80);
    expect(stream.state().figures.delayMs).toBeCloseTo(80, 5);
  });

  it("counts what comes, and forgets it after two seconds", async () => {
    backend.accept();
    await play();
    expect(stream.state().figures.rateKBps).toBeCloseTo((recording.byteLength + 24) / 2_000, 3);
    backend.clock.sleep(2_001);
    expect(stream.state().figures.rateKBps).toBe(0);
  });

  it("marks gaps, mutes, cuts and skips on its strip", async () => {
    backend.accept();
    await play();
    backend.tell({ type: "gap", from: 1, to: 20, ms: 2_000, reason: "outbox-full" });
    backend.tell({ type: "muted", muted: true });
    expect(stream.state().figures.muted).toBe(true);
    backend.tell({ type: "gone" });
    expect(status()).toEqual({ kind: "gone" });
    backend.clock.sleep(3_000);
    backend.tell({ type: "resumed" });
    backend.tell({ type: "skipped", from: 21, to: 40 });
    expect(marks()).toEqual(["gap", "muted", "cut", "skipped"]);
    const [gap, muted, cut] = stream.state().figures.marks;
    expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeCloseTo(2_000 / 60_000, 3);
    expect(muted?.to).toBe(1);
    expect((cut?.to ?? 0) - (cut?.from ?? 0)).toBeCloseTo(3_000 / 60_000, 3);
  });

  it("goes on at the segment after a skip, and says for a while that it skipped", async () => {
    backend.accept();
    await play();
    stream.shown(packets[0]?.capturedAt ?? 0);
    backend.tell({ type: "skipped", from: 1, to: 40 });
    expect(rejoins).toBe(1);
    await play();
    expect(status()).toEqual({ kind: "skipped" });
    expect(tracks).toBe(2);
    backend.clock.advanceSync(4_000);
    expect(status()).toEqual({ kind: "live" });
  });

  it("knows from the first answer that the phone is away, or muted", () => {
    backend.accept({ state: "gone", muted: true });
    expect(status()).toEqual({ kind: "gone" });
    expect(marks()).toEqual(["muted", "cut"]);
  });

  it("says how it ended, and that stays", () => {
    backend.accept();
    backend.tell({ type: "ended", chunks: 9, bytes: 99, verified: true });
    expect(status()).toEqual({ kind: "ended", verified: true });
    backend.socket.events.closed(1000, "");
    stream.rest();
    expect(status()).toEqual({ kind: "ended", verified: true });
  });

  it("reconnects by itself, and says that it does", async () => {
    backend.accept();
    await play();
    backend.socket.events.closed(1006, "");
    expect(status()).toEqual({ kind: "reconnecting", attempt: 1 });
    backend.clock.advanceSync(10);
    backend.accept();
    expect(status()).toEqual({ kind: "joining" });
  });

  it("rests in the background, and joins again", async () => {
    backend.accept();
    await play();
    stream.rest();
    expect(status()).toEqual({ kind: "resting" });
    stream.open();
    expect(backend.sockets).toHaveLength(2);
    backend.accept();
    await play();
    expect(tracks).toBe(2);
  });

  it("fails alone, with a reason, over what cannot be read, decoded, or is not allowed", async () => {
    backend.accept();
    backend.segment("video/webm");
    backend.chunk(0, Uint8Array.of(0, 0, 0, 0), 1, 2);
    expect(status()).toMatchObject({ kind: "failed", code: "unreadable" });
    expect(backend.socket.state).toBe("closed");
    backend.clock.advanceSync(60_000);
    expect(backend.sockets).toHaveLength(1);
  });

  it("leaves a segment whose header is missing alone", async () => {
    backend.accept();
    backend.tell({ type: "segment", segment: 0, from: 9, headerMissing: true, mimeType: "video/webm" });
    backend.chunk(9, Uint8Array.of(0, 0, 0, 0), 1, 2);
    await settle();
    expect(status()).toEqual({ kind: "joining" });
  });
});
