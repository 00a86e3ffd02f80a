import { expect, it } from "vitest";
import { matchTones } from "./match-tones.ts";

const given = Array.from({ length: 64 }, (_, i) => ({ pitch: i % 16, at: 1_000 + 250 * i }));
const heardOf = (numbers: readonly number[], receivedAt: (at: number) => number) =>
  numbers.map((i) => ({ pitch: i % 16, mediaMs: 250 * i, receivedAt: receivedAt(1_000 + 250 * i) }));
const delaysOf = (matches: ReturnType<typeof matchTones>) =>
  matches.map(({ capturedAt, receivedAt }) => receivedAt - capturedAt);

it("tells a delay that is longer than a pitch takes to return", () => {
  const heard = heardOf(
    Array.from({ length: 60 }, (_, i) => i),
    (at) => Math.max(at + 80, at > 5_000 ? 14_000 : 0),
  );
  expect(Math.max(...delaysOf(matchTones(heard, given)))).toBe(14_000 - 5_250);
});

it("goes on at the right tone after a hole that is longer than that", () => {
  const heard = heardOf([3, 4, 5, 27, 28], (at) => at + 80);
  expect(matchTones(heard, given).map(({ capturedAt }) => capturedAt)).toEqual(
    [3, 4, 5, 27, 28].map((i) => 1_000 + 250 * i),
  );
});

it("leaves out what was never given", () => {
  expect(matchTones([{ pitch: 3, mediaMs: 0, receivedAt: 900 }], given)).toEqual([]);
});

it("leaves out a tone that was misheard, and is not led astray by it", () => {
  const heard = heardOf(
    Array.from({ length: 40 }, (_, i) => i),
    (at) => at + 80,
  ).map((tone, i) => (i === 0 || i === 20 ? { ...tone, pitch: (tone.pitch + 7) % 16 } : tone));
  const delays = delaysOf(matchTones(heard, given));
  expect(delays).toHaveLength(38);
  expect(new Set(delays)).toEqual(new Set([80]));
});
