import { describe, expect, it } from "vitest";
import { TONE_COUNT, TONE_EVERY_MS, toneHz } from "../../../e2e/support/clock/clock-sources.ts";
import type { RecordOf, SoundHeader } from "./records.ts";
import { toneArrivals } from "./sound.ts";

const RATE = 48_000;
const PIECE_MS = 20;
const DELAY_MS = 70;
const START = 1_000_000;
const given = Array.from({ length: 48 }, (_, i) => ({
  pitch: i % TONE_COUNT,
  at: START + i * TONE_EVERY_MS,
}));

function sampleAt(ms: number): number {
  const sinceOnset = ms % TONE_EVERY_MS;
  const pitch = Math.floor(ms / TONE_EVERY_MS) % TONE_COUNT;
  return sinceOnset < 60 ? 0.5 * Math.sin((2 * Math.PI * toneHz(pitch) * sinceOnset) / 1e3) : 0;
}

/** 12 s of sound as a handler gets it. */
function pieces(sample: "s16" | "f32", channels: number): RecordOf<SoundHeader>[] {
  const bytes = sample === "s16" ? 2 : 4;
  const samples = (PIECE_MS * RATE) / 1e3;
  return Array.from({ length: 12_000 / PIECE_MS }, (_, n) => {
    const data = Buffer.alloc(samples * channels * bytes);
    for (let i = 0; i < samples; i++) {
      const value = sampleAt(n * PIECE_MS + (1e3 * i) / RATE);
      if (sample === "s16") data.writeInt16LE(Math.round(value * 32_767), i * channels * bytes);
      else data.writeFloatLE(value, i * channels * bytes);
    }
    const at = START + (n + 1) * PIECE_MS + DELAY_MS;
    return { header: { at, sample, channels, mediaMs: n * PIECE_MS }, data };
  });
}

const delays = (records: readonly RecordOf<SoundHeader>[]) =>
  toneArrivals(records, given).map(({ capturedAt, receivedAt }) => receivedAt - capturedAt);

describe("toneArrivals", () => {
  it.each([
    { sample: "s16", channels: 2 },
    { sample: "f32", channels: 1 },
  ] as const)("finds every tone in $sample with $channels channels", ({ sample, channels }) => {
    const all = delays(pieces(sample, channels));
    // All but the first, before which there is no silence.
    expect(all).toHaveLength(47);
    for (const delay of all) expect(delay).toBeLessThanOrEqual(DELAY_MS + PIECE_MS);
    for (const delay of all) expect(delay).toBeGreaterThanOrEqual(DELAY_MS);
  });

  it("tells what was held back for longer than the same pitch takes to return", () => {
    const held = pieces("f32", 1).map(({ header, data }) => {
      const isHeld = header.mediaMs !== null && header.mediaMs > 3_000 && header.mediaMs < 9_000;
      return { header: { ...header, at: isHeld ? START + 10_000 : header.at }, data };
    });
    expect(Math.max(...delays(held))).toBeGreaterThan(6_500);
    expect(delays(held)).toHaveLength(47);
  });

  it("tells what is missing for longer than the same pitch takes to return", () => {
    const left = pieces("f32", 1).filter(
      ({ header: { mediaMs } }) => (mediaMs ?? 0) < 3_000 || (mediaMs ?? 0) >= 8_000,
    );
    const heard = new Set(toneArrivals(left, given).map(({ capturedAt }) => capturedAt));
    expect(given.filter(({ at }) => heard.has(at) && at >= START + 3_000 && at < START + 8_000)).toEqual([]);
    for (const delay of delays(left)) expect(delay).toBeLessThanOrEqual(DELAY_MS + PIECE_MS);
  });

  it("goes by the number of samples where a library tells no time", () => {
    const timeless = pieces("s16", 1).map(({ header, data }) => ({
      header: { ...header, mediaMs: null },
      data,
    }));
    expect(delays(timeless)).toEqual(delays(pieces("s16", 1)));
  });
});
