import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";
import { describe, expect, it } from "vitest";
import { createMuxer } from "./matroska";

type Chunk = EncodedVideoChunk | EncodedAudioChunk;

/** An encoded frame of VP8, or a packet of Opus: the muxer looks at neither's content. */
const chunk = (byte: number, type: "key" | "delta", duration: number | null = null): Chunk =>
  ({
    type,
    timestamp: 0,
    duration,
    byteLength: 4,
    copyTo: (into: Uint8Array) => into.set([byte, byte, byte, byte]),
  }) as unknown as Chunk;

const VP8: VideoDecoderConfig = { codec: "vp8", codedWidth: 640, codedHeight: 480 };
const AVC: VideoDecoderConfig = {
  codec: "avc1.42001F",
  codedWidth: 640,
  codedHeight: 480,
  // An AVCDecoderConfigurationRecord with one (empty) parameter set of each kind.
  description: Uint8Array.of(1, 0x42, 0, 0x1f, 0xff, 0xe1, 0, 1, 0x67, 1, 0, 1, 0x68),
};
const OPUS: AudioDecoderConfig = { codec: "opus", sampleRate: 48_000, numberOfChannels: 1 };

async function packetsOf(file: Uint8Array<ArrayBuffer>) {
  const input = new Input({ source: new BufferSource(file), formats: ALL_FORMATS });
  const [track] = await input.getTracks();
  if (!track) throw new Error("The file has no track.");
  const packets: { byte: number | undefined; type: string; timestamp: number }[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    packets.push({ byte: packet.data[0], type: packet.type, timestamp: packet.timestamp });
  }
  return { codec: track.codec, mimeType: await input.getMimeType(), packets };
}

function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe("a segment's file", () => {
  it("gives bytes with every frame of video, and reads back whole", async () => {
    const muxer = await createMuxer("vp8");
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 60; i++) {
      parts.push(await muxer.add(chunk(i, i % 30 ? "delta" : "key"), i / 30, VP8));
      expect(parts.at(-1)?.byteLength).toBeGreaterThan(4);
    }
    parts.push(await muxer.finish());
    const { codec, packets } = await packetsOf(join(parts));
    expect(codec).toBe("vp8");
    expect(packets.map(({ byte }) => byte)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(packets.filter(({ type }) => type === "key").map(({ byte }) => byte)).toEqual([0, 30]);
    expect(packets[59]?.timestamp).toBeCloseTo(59 / 30, 2);
  });

  it("decodes as far as it came when it is cut off", async () => {
    const muxer = await createMuxer("vp8");
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 10; i++) parts.push(await muxer.add(chunk(i, i ? "delta" : "key"), i / 30, VP8));
    const { packets } = await packetsOf(join(parts));
    expect(packets).toHaveLength(10);
  });

  it("of H.264 is Matroska, with the parameter sets in its header", async () => {
    const muxer = await createMuxer("avc");
    const first = await muxer.add(chunk(1, "key"), 0, AVC);
    expect(muxer.mimeType("video")).toBe("video/x-matroska");
    const header = first.toString();
    expect(header).toContain((AVC.description as Uint8Array).toString());
  });

  it("of Opus is WebM, a packet at a time", async () => {
    const muxer = await createMuxer("opus");
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 50; i++) parts.push(await muxer.add(chunk(i, "key", 20_000), i * 0.02, OPUS));
    parts.push(await muxer.finish());
    expect(parts.slice(0, 50).every((part) => part.byteLength > 4)).toBe(true);
    expect(muxer.mimeType("audio")).toBe("audio/webm");
    const { codec, packets } = await packetsOf(join(parts));
    expect(codec).toBe("opus");
    expect(packets).toHaveLength(50);
  });

  it("costs little: less than 20 bytes per frame after the header", async () => {
    const muxer = await createMuxer("opus");
    await muxer.add(chunk(0, "key"), 0, OPUS);
    let bytes = 0;
    for (let i = 1; i < 101; i++) bytes += (await muxer.add(chunk(i, "key"), i * 0.02, OPUS)).byteLength;
    expect(bytes / 100 - 4).toBeLessThan(20);
  });
});
