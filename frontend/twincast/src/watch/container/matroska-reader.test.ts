import { readFile } from "node:fs/promises";
import path from "node:path";
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";
import { describe, expect, it } from "vitest";
import { codecOfAnnexB } from "./h264";
import { MatroskaReader } from "./matroska-reader";
import { ContainerError, type Packet, type Track } from "./packets";

/** The beginnings of clusters that real encoders wrote; made by this project's page in Chromium, most blocks left out. */
const RECORDINGS = [
  { file: "webcodecs-h264.mkv", kind: "video", codec: "avc1.", hasDescription: true, packets: 8 },
  { file: "webcodecs-opus.webm", kind: "audio", codec: "opus", hasDescription: true, packets: 18 },
  { file: "media-recorder-h264.mkv", kind: "video", codec: null, hasDescription: false, packets: 8 },
  { file: "media-recorder-opus.webm", kind: "audio", codec: "opus", hasDescription: true, packets: 16 },
  { file: "media-recorder-vp8.webm", kind: "video", codec: "vp8", hasDescription: false, packets: 8 },
] as const;

const load = async (file: string) =>
  new Uint8Array(await readFile(path.join(import.meta.dirname, "testing", file)));

function reading() {
  const tracks: Track[] = [];
  const packets: Packet[] = [];
  const reader = new MatroskaReader({
    track: (track) => tracks.push(track),
    packet: (packet) => packets.push(packet),
  });
  return { reader, tracks, packets };
}

function readWhole(bytes: Uint8Array) {
  const { reader, tracks, packets } = reading();
  reader.push(bytes);
  return { tracks, packets };
}

/** Short enough to compare thousands of times. */
const summary = (packets: readonly Packet[]) =>
  packets
    .map(
      ({ timestampUs, isKey, data }) =>
        `${timestampUs}${isKey ? "k" : ""}:${data.length}:${data[0]}:${data.at(-1)}`,
    )
    .join(" ");

describe.each(RECORDINGS)("$file", ({ file, kind, codec, hasDescription, packets: count }) => {
  it("is read as a reader of whole files reads it", async () => {
    const bytes = await load(file);
    const { tracks, packets } = readWhole(bytes);
    expect(tracks).toHaveLength(1);
    expect(tracks[0]?.kind).toBe(kind);
    if (codec === null) expect(tracks[0]?.codec).toBeNull();
    else expect(tracks[0]?.codec).toContain(codec);
    expect(tracks[0]?.description !== null).toBe(hasDescription);
    expect(packets).toHaveLength(count);

    const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
    const [track] = await input.getTracks();
    if (!track) throw new Error("Mediabunny finds no track.");
    const theirs = [];
    for await (const packet of new EncodedPacketSink(track).packets()) theirs.push(packet);
    expect(packets.map(({ data }) => data)).toEqual(theirs.map(({ data }) => data));
    expect(packets.map(({ isKey }) => isKey)).toEqual(theirs.map(({ type }) => type === "key"));
    for (const [i, { timestampUs }] of packets.entries()) {
      expect(timestampUs).toBeCloseTo((theirs[i]?.timestamp ?? Number.NaN) * 1e6, -3);
    }
  });

  it("gives the same wherever it is cut", async () => {
    const bytes = await load(file);
    const whole = summary(readWhole(bytes).packets);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { reader, packets } = reading();
      reader.push(bytes.subarray(0, cut));
      reader.push(bytes.subarray(cut));
      if (summary(packets) !== whole) expect.fail(`cut at ${cut}`);
    }
  });

  it("gives each packet with its last byte, byte by byte", async () => {
    const bytes = await load(file);
    const { reader, packets } = reading();
    const cameAt: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      reader.push(bytes.subarray(i, i + 1));
      while (cameAt.length < packets.length) cameAt.push(i + 1);
    }
    expect(summary(packets)).toBe(summary(readWhole(bytes).packets));
    // Each ends exactly where its data ends in the file.
    const text = Buffer.from(bytes);
    let from = 0;
    for (const [i, { data }] of packets.entries()) {
      const at = text.indexOf(Buffer.from(data), from);
      from = at + data.length;
      expect(cameAt[i]).toBe(from);
    }
  });

  it("is joined at each of its clusters, after whatever was cut off", async () => {
    const bytes = await load(file);
    const clusters = clustersOf(bytes);
    expect(clusters.length).toBeGreaterThan(1);
    const whole = readWhole(bytes).packets;
    for (const cluster of clusters) {
      const { reader, packets } = reading();
      reader.push(bytes.subarray(0, clusters[0]));
      reader.push(bytes.subarray(clusters[0], (clusters[0] ?? 0) + 40));
      const before = packets.length;
      reader.rejoin();
      reader.push(bytes.subarray(cluster));
      const rest = readWhole(bytes).packets.slice(-(packets.length - before));
      expect(summary(packets.slice(before))).toBe(summary(rest));
      expect(packets[before]?.isKey).toBe(true);
    }
    expect(whole.length).toBeGreaterThan(0);
  });
});

const CLUSTER_ID = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

function clustersOf(bytes: Uint8Array): number[] {
  const text = Buffer.from(bytes);
  const found: number[] = [];
  for (let at = text.indexOf(CLUSTER_ID); at >= 0; at = text.indexOf(CLUSTER_ID, at + 4)) found.push(at);
  return found;
}

it("takes the codec of H.264 without a record from its sequence parameter set", async () => {
  const { packets } = readWhole(await load("media-recorder-h264.mkv"));
  const [first] = packets;
  expect(codecOfAnnexB(first?.data ?? new Uint8Array())).toMatch(/^avc1\.[0-9a-f]{6}$/);
  expect(codecOfAnnexB(packets[1]?.data ?? new Uint8Array())).toBeNull();
});

describe("what no phone writes", () => {
  const element = (id: readonly number[], content: readonly number[]) => [
    ...id,
    0x10 | (content.length >> 24),
    (content.length >> 16) & 255,
    (content.length >> 8) & 255,
    content.length & 255,
    ...content,
  ];
  const text = (value: string) => [...new TextEncoder().encode(value)];
  const header = (...more: number[]) =>
    element(
      [0x16, 0x54, 0xae, 0x6b],
      element([0xae], [...element([0xd7], [1]), ...element([0x86], text("V_VP8")), ...more]),
    );
  const refusal = (bytes: readonly number[]) => {
    const { reader } = reading();
    try {
      reader.push(Uint8Array.from(bytes));
    } catch (error) {
      if (error instanceof ContainerError) return error.code;
      throw error;
    }
    return null;
  };

  it.each([0x02, 0x04, 0x06])("is refused: several packets in one block, lacing %i", (lacing) => {
    expect(refusal([...header(), ...element([0xa3], [0x81, 0, 0, 0x80 | lacing, 1, 2, 3])])).toBe("lacing");
  });
  it("is refused: a track that its container compressed", () => {
    expect(refusal(header(...element([0x6d, 0x80], [])))).toBe("encoded");
  });
  it("is refused: a codec that is not of this project", () => {
    expect(
      refusal(element([0x16, 0x54, 0xae, 0x6b], element([0xae], element([0x86], text("V_THEORA"))))),
    ).toBe("codec");
  });
  it("is refused: an element larger than any picture, before it is kept", () => {
    expect(refusal([0xa3, 0x08, 0x7f, 0xff, 0xff, 0xff])).toBe("too-large");
  });
  it("is refused: a block without an end", () => {
    expect(refusal([0xa3, 0xff])).toBe("malformed");
  });
  it("is refused: bytes that are no elements", () => {
    expect(refusal([0, 0, 0, 0])).toBe("malformed");
  });
  it("is refused: a header without a track, and a child larger than its parent", () => {
    expect(refusal(element([0x16, 0x54, 0xae, 0x6b], []))).toBe("malformed");
    expect(refusal([0x16, 0x54, 0xae, 0x6b, 0x83, 0xae, 0x8f, 0])).toBe("malformed");
  });
  it("is passed over: elements of no interest, over any number of messages", () => {
    const { reader, packets } = reading();
    reader.push(Uint8Array.from([...header(), 0xec, 0x10, 0x00, 0x00, 0x05, 1]));
    reader.push(Uint8Array.from([2, 3]));
    reader.push(Uint8Array.from([4, 5, ...element([0xa3], [0x81, 0, 7, 0x80, 9])]));
    expect(packets).toEqual([{ timestampUs: 7_000, isKey: true, data: Uint8Array.of(9) }]);
  });
  it("is no key frame: a block of a group that refers to another", () => {
    const { reader, packets } = reading();
    const block = element([0xa1], [0x81, 0xff, 0xff, 0, 9]);
    reader.push(Uint8Array.from([...header(), ...element([0xe7], [10]), ...element([0xa0], block)]));
    reader.push(Uint8Array.from(element([0xa0], [...block, ...element([0xfb], [1])])));
    expect(packets.map(({ timestampUs, isKey }) => ({ timestampUs, isKey }))).toEqual([
      { timestampUs: 9_000, isKey: true },
      { timestampUs: 9_000, isKey: false },
    ]);
  });
});
