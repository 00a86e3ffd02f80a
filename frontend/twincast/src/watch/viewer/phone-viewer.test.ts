import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "../../testing/fake-clock";
import type { SoundCommand } from "../play/sound";
import { PlayedBackend, type PlayedSocket } from "../testing/backend";
import { PlayedChunk, PlayedDecoder } from "../testing/decoders";
import type { ViewerEvent } from "./commands";
import { PhoneViewer } from "./phone-viewer";

const VECTORS = path.join(import.meta.dirname, "../container/testing");
let video: Uint8Array;
let audio: Uint8Array;
beforeAll(async () => {
  vi.stubGlobal("EncodedVideoChunk", PlayedChunk);
  vi.stubGlobal("EncodedAudioChunk", PlayedChunk);
  video = await readFile(path.join(VECTORS, "webcodecs-h264.mkv"));
  audio = await readFile(path.join(VECTORS, "webcodecs-opus.webm"));
});
afterAll(() => vi.unstubAllGlobals());

let backend: PlayedBackend;
let videoDecoders: PlayedDecoder[];
let audioDecoders: PlayedDecoder[];
let drawn: number;
let told: ViewerEvent[];
let canvas: { width: number; height: number };
let viewer: PhoneViewer;

beforeEach(() => {
  backend = new PlayedBackend();
  videoDecoders = [];
  audioDecoders = [];
  drawn = 0;
  told = [];
  canvas = { width: 300, height: 150 };
  const context = { drawImage: () => drawn++ };
  viewer = new PhoneViewer(
    {
      kind: "watch",
      clock: { nowMs: 0, deviceMs: 0 },
      canvas: Object.assign(canvas, { getContext: () => context }) as unknown as OffscreenCanvas,
      socketUrl: "ws://backend/ws/watch",
      watchId: "9f86",
      streams: ["video", "audio"],
      token: "a token",
    },
    {
      clock: backend.clock,
      openSocket: backend.openSocket,
      random: () => 0,
      createVideoDecoder: (init) => keep(videoDecoders, init) as unknown as VideoDecoder,
      createAudioDecoder: (init) => keep(audioDecoders, init) as unknown as AudioDecoder,
      post: (event) => told.push(event),
    },
  );
});

function keep(list: PlayedDecoder[], init: ConstructorParameters<typeof PlayedDecoder>[0]): PlayedDecoder {
  const decoder = new PlayedDecoder(init);
  list.push(decoder);
  return decoder;
}

/** The newest socket of a stream, after it asked. */
function socketOf(kind: "video" | "audio"): PlayedSocket {
  for (const socket of backend.sockets)
    if (socket.sent.length === 0 && socket.state === "open") socket.events.open();
  const socket = backend.sockets.findLast(({ sent }) => sent[0]?.kind === kind);
  if (!socket) throw new Error(`Nobody asked for ${kind}.`);
  return socket;
}

/** The backend gives a stream on: all of the recording as one chunk, captured just now. */
async function give(kind: "video" | "audio"): Promise<void> {
  const socket = socketOf(kind);
  backend.sockets.push(backend.sockets.splice(backend.sockets.indexOf(socket), 1)[0] as PlayedSocket);
  backend.tell({
    type: "watching",
    watchId: "9f86",
    kind,
    state: "live",
    muted: false,
    clockOffsetMs: 0,
    serverTime: backend.clock.now(),
    idleMs: 30_000,
  });
  backend.pong();
  backend.segment(kind === "video" ? "video/x-matroska" : "audio/webm");
  const now = backend.clock.now();
  backend.chunk(0, kind === "video" ? video : audio, now - 50, now - 10);
  await settle();
}

const FRAME = { displayWidth: 640, displayHeight: 480 };
const states = () => {
  backend.clock.advanceSync(300);
  return Object.fromEntries((told.at(-1)?.streams ?? []).map(({ kind, status }) => [kind, status.kind]));
};

function listen() {
  const said: SoundCommand[] = [];
  const port = {
    postMessage: (command: SoundCommand) => said.push(command),
    close: () => {},
    onmessage: null as ((event: { data: unknown }) => void) | null,
  };
  viewer.handle({ kind: "listen", port: port as unknown as MessagePort, sampleRate: 48_000, latencyMs: 10 });
  return { said, port };
}

describe("a watched phone", () => {
  it("has a socket for each stream, and shows its pictures in their size", async () => {
    await give("video");
    await give("audio");
    expect(states()).toEqual({ video: "joining", audio: "live" });
    videoDecoders[0]?.give(FRAME);
    expect(drawn).toBeGreaterThan(0);
    expect(canvas).toMatchObject({ width: 640, height: 480 });
    expect(states()).toEqual({ video: "live", audio: "live" });
  });

  it("decodes no sound while nobody listens, and then at once", async () => {
    await give("video");
    await give("audio");
    expect(audioDecoders).toHaveLength(0);
    listen();
    const socket = socketOf("audio");
    const now = backend.clock.now();
    // Another chunk is needed: what came before was for nobody.
    backend.sockets.push(backend.sockets.splice(backend.sockets.indexOf(socket), 1)[0] as PlayedSocket);
    backend.segment("audio/webm", 1);
    backend.chunk(0, audio, now - 50, now - 10);
    await settle();
    expect(audioDecoders[0]?.given.length).toBe(18);
  });

  it("lets the pictures go with the sound that is heard, and without it again when it is turned off", async () => {
    await give("audio");
    await give("video");
    const { port } = listen();
    const now = backend.clock.now();
    // What is at the ear was captured 400 ms ago.
    port.onmessage?.({ data: { capturedAt: now - 390, waitingMs: 300, underruns: 0, trimmedMs: 0 } });
    const before = videoDecoders[0]?.given.length ?? 0;
    backend.segment("video/x-matroska", 1);
    backend.chunk(0, video, now - 50, now);
    await settle();
    expect(videoDecoders).toHaveLength(2);
    // Those of the last 384 ms wait; all the others were due.
    expect(videoDecoders[1]?.given.length).toBeLessThan(8);
    expect(before).toBe(8);
    viewer.handle({ kind: "stop-listening" });
    backend.clock.advanceSync(1_000);
    expect(videoDecoders[1]?.given.length).toBe(8);
  });

  it("rests in the background, but for the sound that is listened to", async () => {
    await give("video");
    await give("audio");
    viewer.handle({ kind: "visible", visible: false });
    expect(states()).toEqual({ video: "resting", audio: "resting" });
    expect(backend.sockets.every(({ state }) => state === "closed")).toBe(true);
    listen();
    expect(states()).toEqual({ video: "resting", audio: "connecting" });
    viewer.handle({ kind: "visible", visible: true });
    expect(states()).toEqual({ video: "connecting", audio: "connecting" });
  });

  it("keeps one stream when the other cannot be shown", async () => {
    await give("audio");
    await give("video");
    videoDecoders[0]?.break("NotSupportedError");
    expect(states()).toEqual({ video: "failed", audio: "live" });
  });

  it("goes on telling its figures, and leaves nothing behind when it is closed", async () => {
    await give("video");
    await give("audio");
    const before = told.length;
    backend.clock.advanceSync(1_000);
    expect(told.length - before).toBeGreaterThanOrEqual(3);
    viewer.handle({ kind: "close" });
    expect(backend.clock.pending).toBe(0);
    expect(backend.sockets.every(({ state }) => state !== "open")).toBe(true);
  });
});
