import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Track } from "../container/packets";
import { PlayedChunk, PlayedDecoder } from "../testing/decoders";
import type { SoundCommand } from "./sound";
import { resampled, SoundPlayer } from "./sound-player";

const TRACK: Track = {
  kind: "audio",
  codec: "opus",
  description: Uint8Array.of(1),
  sampleRate: 48_000,
  channels: 1,
};

let decoders: PlayedDecoder[];
let said: SoundCommand[];
let failures: string[];
let player: SoundPlayer;
const output = { port: { postMessage: (command: SoundCommand) => said.push(command) }, sampleRate: 48_000 };

beforeAll(() => vi.stubGlobal("EncodedAudioChunk", PlayedChunk));
afterAll(() => vi.unstubAllGlobals());
beforeEach(() => {
  decoders = [];
  said = [];
  failures = [];
  player = new SoundPlayer({
    createDecoder: (init) => {
      const decoder = new PlayedDecoder(init);
      decoders.push(decoder);
      return decoder as unknown as AudioDecoder;
    },
    onFailure: (detail) => failures.push(detail),
  });
});

const give = (capturedAt: number) =>
  player.packet({ capturedAt, isKey: true, data: Uint8Array.of(0xf8, capturedAt) });
/** Two channels of one loudness each. */
const stereo = {
  numberOfChannels: 2,
  numberOfFrames: 4,
  sampleRate: 48_000,
  copyTo: (plane: Float32Array, { planeIndex }: { planeIndex: number }) =>
    plane.fill(planeIndex === 0 ? 0.2 : 0.4),
};
const samples = () => said.flatMap((command) => (command.kind === "samples" ? [command] : []));

describe("sound", () => {
  it("is not decoded while nobody listens, and at once when somebody does", () => {
    player.track(TRACK);
    give(1_000);
    expect(decoders).toHaveLength(0);
    player.listen(output);
    give(1_020);
    expect(decoders[0]?.config).toMatchObject({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1 });
    decoders[0]?.give(stereo);
    expect(samples()).toHaveLength(1);
    expect(samples()[0]).toMatchObject({ kind: "samples", capturedAt: 1_020 });
    expect(samples()[0]?.samples[0]).toBeCloseTo(0.3);
    player.listen(null);
    give(1_040);
    expect(decoders[0]?.given).toHaveLength(1);
  });

  it("that waits on the audio thread is forgotten where the stream goes on elsewhere", () => {
    player.track(TRACK);
    player.listen(output);
    give(1_000);
    player.rejoin();
    expect(said.at(-1)).toEqual({ kind: "clear" });
    give(5_000);
    expect(decoders).toHaveLength(2);
  });

  it("is told how much of it shall wait, when that changed", () => {
    player.listen(output);
    player.target(60);
    player.target(62);
    player.target(120);
    expect(said.filter(({ kind }) => kind === "target")).toEqual([
      { kind: "target", ms: 60 },
      { kind: "target", ms: 120 },
    ]);
  });

  it("fails alone where there is no decoder, until another segment comes", () => {
    player.track(TRACK);
    player.listen(output);
    give(1_000);
    decoders[0]?.break("NotSupportedError");
    expect(failures).toHaveLength(1);
    give(1_020);
    expect(decoders).toHaveLength(1);
    player.track(TRACK);
    give(1_040);
    expect(decoders).toHaveLength(2);
  });

  it("fails alone in a browser that has no decoder for sound at all", () => {
    const bare = new SoundPlayer({
      createDecoder: () => {
        throw new ReferenceError("AudioDecoder is not defined");
      },
      onFailure: (detail) => failures.push(detail),
    });
    bare.track(TRACK);
    bare.listen(output);
    bare.packet({ capturedAt: 1_000, isKey: true, data: Uint8Array.of(1) });
    bare.packet({ capturedAt: 1_020, isKey: true, data: Uint8Array.of(1) });
    expect(failures).toHaveLength(1);
  });

  it("at another rate is brought to the loudspeaker's", () => {
    const half = resampled(
      Float32Array.from({ length: 441 }, (_, n) => n / 441),
      44_100,
      48_000,
    );
    expect(half).toHaveLength(480);
    for (const [n, value] of half.entries())
      expect(value).toBeCloseTo(Math.min(440, (n * 441) / 480) / 441, 4);
  });
});
