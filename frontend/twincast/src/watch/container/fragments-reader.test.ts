import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
} from "mediabunny";
import { beforeAll, describe, expect, it } from "vitest";
import { FragmentsReader } from "./fragments-reader";
import { MatroskaReader } from "./matroska-reader";
import { ContainerError, type Packet, type Track } from "./packets";

/** What a camera's encoder made, and the same as fragments of MP4. */
const given: Packet[] = [];
let track: Track;
let bytes: Uint8Array;

beforeAll(async () => {
  const file = await readFile(path.join(import.meta.dirname, "testing/webcodecs-h264.mkv"));
  new MatroskaReader({
    track: (found) => {
      track = found;
    },
    packet: (packet) => given.push(packet),
  }).push(file);
  const parts: Uint8Array[] = [];
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: "fragmented", minimumFragmentDuration: 0.5 }),
    target: new StreamTarget(
      new WritableStream<StreamTargetChunk>({ write: ({ data }) => void parts.push(data.slice()) }),
    ),
  });
  const source = new EncodedVideoPacketSource("avc");
  output.addVideoTrack(source);
  await output.start();
  for (const { timestampUs, isKey, data } of given) {
    await source.add(new EncodedPacket(data, isKey ? "key" : "delta", timestampUs / 1e6, 1 / 30), {
      decoderConfig: {
        codec: track.codec ?? "",
        description: track.description ?? new Uint8Array(),
        codedWidth: 160,
        codedHeight: 120,
      },
    });
  }
  await output.finalize();
  bytes = new Uint8Array(Buffer.concat(parts));
});

function reading() {
  const tracks: Track[] = [];
  const packets: Packet[] = [];
  const failures: ContainerError[] = [];
  const reader = new FragmentsReader({
    track: (found) => tracks.push(found),
    packet: (packet) => packets.push(packet),
    failed: (error) => failures.push(error),
  });
  return { reader, tracks, packets, failures };
}

const summary = (packets: readonly Packet[]) =>
  packets.map(({ timestampUs, isKey, data }) => [Math.round(timestampUs / 1e3), isKey, data.length, data[0]]);

describe("MP4 that grows", () => {
  it("gives every packet of every fragment, and the decoder's description", async () => {
    const { reader, tracks, packets, failures } = reading();
    reader.push(bytes);
    await reader.settled();
    expect(failures).toEqual([]);
    expect(tracks).toHaveLength(1);
    expect(tracks[0]).toMatchObject({ kind: "video", codec: track.codec });
    expect(tracks[0]?.description).toEqual(track.description);
    expect(summary(packets)).toEqual(summary(given));
  });

  it("gives the same in pieces of any size", async () => {
    for (const piece of [1, 7, 8, 9, 100, 1_023]) {
      const { reader, packets } = reading();
      for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
      await reader.settled();
      expect(summary(packets), `${piece} bytes`).toEqual(summary(given));
    }
  });

  it("gives a fragment when its last byte is there", async () => {
    const { reader, packets } = reading();
    const text = Buffer.from(bytes);
    const second = text.indexOf("moof", text.indexOf("moof") + 4) - 4;
    reader.push(bytes.subarray(0, second - 1));
    await reader.settled();
    expect(packets).toEqual([]);
    reader.push(bytes.subarray(second - 1, second));
    await reader.settled();
    expect(packets.length).toBeGreaterThan(0);
    expect(packets.length).toBeLessThan(given.length);
  });

  it("is joined again at a fragment, whatever was cut off before it", async () => {
    const { reader, packets } = reading();
    const text = Buffer.from(bytes);
    const first = text.indexOf("moof") - 4;
    reader.push(bytes.subarray(0, first + 30));
    reader.rejoin();
    reader.push(bytes.subarray(text.lastIndexOf("moof") - 4));
    await reader.settled();
    expect(packets[0]?.isKey).toBe(true);
    expect(summary(packets)).toEqual(summary(given).slice(-packets.length));
  });

  it("says that a fragment cannot be read, once, and reads on no more", async () => {
    const { reader, failures } = reading();
    const broken = bytes.slice();
    const moov = Buffer.from(bytes).indexOf("moov");
    broken.fill(0xff, moov + 12, moov + 200);
    reader.push(broken);
    await reader.settled();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBeInstanceOf(ContainerError);
  });

  it("is refused: a box without an end, and one larger than any fragment", () => {
    expect(() => reading().reader.push(Uint8Array.of(0, 0, 0, 0, 109, 100, 97, 116))).toThrow(ContainerError);
    expect(() => reading().reader.push(Uint8Array.of(0x7f, 0, 0, 0, 109, 100, 97, 116))).toThrow(
      ContainerError,
    );
  });
});
