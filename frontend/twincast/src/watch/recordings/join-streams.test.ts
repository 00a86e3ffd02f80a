import { readFile } from "node:fs/promises";
import path from "node:path";
import { ALL_FORMATS, BlobSource, BufferSource, EncodedPacketSink, Input, type InputTrack } from "mediabunny";
import { describe, expect, it } from "vitest";
import { joinStreams } from "./join-streams";
import { parameterSetsOf } from "./parameter-sets";
import { RecordingsError } from "./recordings-api";
import type { Piece, Timeline } from "./timeline";

const VECTORS = path.join(import.meta.dirname, "../container/testing");
const piece = (stream: Piece["stream"], file: string, fromMs: number, toMs = fromMs + 2_500): Piece => ({
  stream,
  fromMs,
  toMs,
  mimeType: "",
  files: [file],
});
const timelineOf = (video: Piece[], audio: Piece[], durationMs = 10_000): Timeline => ({
  durationMs,
  pieces: { video, audio },
  marks: [],
  files: [],
});

async function open({ files: [file = ""] }: Piece): Promise<Input> {
  return new Input({
    source: new BufferSource(await readFile(path.join(VECTORS, file))),
    formats: ALL_FORMATS,
  });
}

async function packetsOf(track: InputTrack | null) {
  if (!track) throw new Error("The track is missing.");
  const packets = [];
  for await (const { timestamp, type, byteLength } of new EncodedPacketSink(track).packets()) {
    packets.push({ timestamp, type, byteLength });
  }
  return packets;
}

async function join(video: Piece[], audio: Piece[]) {
  const shares: number[] = [];
  const { blob, extension } = await joinStreams({
    timeline: timelineOf(video, audio),
    open,
    onProgress: (share) => shares.push(share),
  });
  const input = new Input({ source: new BlobSource(blob), formats: ALL_FORMATS });
  return { input, extension, shares, blob };
}

describe("one file of both streams", () => {
  it.each([
    ["webcodecs-h264.mkv", "webcodecs-opus.webm", "mp4"],
    ["media-recorder-h264.mkv", "media-recorder-opus.webm", "mp4"],
    ["media-recorder-vp8.webm", "media-recorder-opus.webm", "webm"],
  ])("has every packet of %s and %s, each where it was captured", async (videoFile, audioFile, container) => {
    const { input, extension, shares } = await join(
      [piece("video", videoFile, 250)],
      [piece("audio", audioFile, 0)],
    );
    expect(extension).toBe(container);
    const video = await packetsOf(await input.getPrimaryVideoTrack());
    const audio = await packetsOf(await input.getPrimaryAudioTrack());
    const givenVideo = await packetsOf(
      await (await open(piece("video", videoFile, 0))).getPrimaryVideoTrack(),
    );
    const givenAudio = await packetsOf(
      await (await open(piece("audio", audioFile, 0))).getPrimaryAudioTrack(),
    );
    expect(video).toHaveLength(givenVideo.length);
    expect(audio).toHaveLength(givenAudio.length);
    const [firstVideo] = givenVideo;
    const [firstAudio] = givenAudio;
    for (const [i, { timestamp, type }] of video.entries()) {
      expect(timestamp - 0.25).toBeCloseTo((givenVideo[i]?.timestamp ?? 0) - (firstVideo?.timestamp ?? 0), 2);
      expect(type).toBe(givenVideo[i]?.type);
    }
    for (const [i, { timestamp }] of audio.entries()) {
      expect(timestamp).toBeCloseTo((givenAudio[i]?.timestamp ?? 0) - (firstAudio?.timestamp ?? 0), 2);
    }
    expect(shares.at(-1)).toBeGreaterThan(0);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it("keeps a gap as long as it was, and what came after it in its place", async () => {
    const file = "webcodecs-h264.mkv";
    const { input } = await join(
      [piece("video", file, 0), piece("video", file, 6_000)],
      [piece("audio", "webcodecs-opus.webm", 0)],
    );
    const video = await packetsOf(await input.getPrimaryVideoTrack());
    expect(video).toHaveLength(16);
    expect(video[8]?.timestamp).toBeCloseTo(6, 3);
    expect(video[8]?.type).toBe("key");
  });

  it("keeps the picture with which a segment begins, though the one before it seems to end later", async () => {
    const file = "webcodecs-h264.mkv";
    const given = await packetsOf(await (await open(piece("video", file, 0))).getPrimaryVideoTrack());
    const lengthMs = ((given.at(-1)?.timestamp ?? 0) - (given[0]?.timestamp ?? 0)) * 1e3;
    const { input } = await join([piece("video", file, 0), piece("video", file, lengthMs - 20)], []);
    const video = await packetsOf(await input.getPrimaryVideoTrack());
    expect(video.map(({ type }) => type)).toEqual([...given, ...given].map(({ type }) => type));
    const times = video.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  });

  it("is made of one stream where there is only one", async () => {
    const { input, blob } = await join([], [piece("audio", "webcodecs-opus.webm", 0)]);
    expect(await input.getPrimaryVideoTrack()).toBeNull();
    expect(blob.type).toBe("audio/webm");
  });

  it("is not made where codecs do not go together, or two ways of writing H.264, and says what can be done", async () => {
    const mixed = join(
      [piece("video", "media-recorder-vp8.webm", 0), piece("video", "webcodecs-h264.mkv", 3_000)],
      [],
    );
    await expect(mixed).rejects.toThrow(RecordingsError);
    const ways = join(
      [piece("video", "webcodecs-h264.mkv", 0), piece("video", "media-recorder-h264.mkv", 3_000)],
      [],
    );
    await expect(ways).rejects.toThrow("can be downloaded as it is");
    await expect(join([], [])).rejects.toThrow("nothing in this recording");
  });
});

describe("the parameter sets of H.264", () => {
  it("stand behind their lengths, as before a picture", () => {
    const record = Uint8Array.of(
      1,
      100,
      0,
      31,
      0xff,
      0xe1,
      0,
      3,
      0x67,
      1,
      2,
      1,
      0,
      2,
      0x68,
      5,
      0xfd,
      0xf8,
      0xf8,
      0,
    );
    expect(parameterSetsOf(record)).toEqual(Uint8Array.of(0, 0, 0, 3, 0x67, 1, 2, 0, 0, 0, 2, 0x68, 5));
  });

  it("are left alone where a record is cut off, or counts in another way", () => {
    expect(parameterSetsOf(Uint8Array.of(1, 100, 0))).toBeNull();
    expect(parameterSetsOf(Uint8Array.of(1, 100, 0, 31, 0xfe, 0xe1, 0, 3, 0x67))).toBeNull();
    expect(parameterSetsOf(Uint8Array.of(1, 100, 0, 31, 0xff, 0xe1, 0, 9, 0x67, 1))).toBeNull();
  });
});
