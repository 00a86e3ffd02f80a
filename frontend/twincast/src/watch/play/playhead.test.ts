import { describe, expect, it } from "vitest";
import { Playhead, SOUND_BUFFER_MS } from "./playhead";

/** The phone's clock is an hour ahead: only differences count. */
const PHONE = 3_600_000;

/** Chunks of `spanMs` that come `lateMs` after the last of them was captured. @returns when the last one came. */
function stream(
  playhead: Playhead,
  { kind = "video" as "video" | "audio", from = 0, count = 60, spanMs = 33, lateMs = (_nth: number) => 10 },
): number {
  let at = from;
  for (let nth = 0; nth < count; nth++) {
    const capturedFrom = from + nth * spanMs;
    at = capturedFrom + spanMs + lateMs(nth);
    playhead.arrived(kind, PHONE + capturedFrom, PHONE + capturedFrom + spanMs, at);
  }
  return at;
}

describe("without sound", () => {
  it("is as short as the arrival of nine chunks in ten allows", () => {
    const playhead = new Playhead();
    const at = stream(playhead, { lateMs: (nth) => (nth % 20 === 19 ? 200 : nth % 2 ? 15 : 10) });
    expect(playhead.delayMs(at) + PHONE).toBe(33 + 15);
  });

  it("of a phone that sends ten chunks a second shows the oldest of each in time", () => {
    const playhead = new Playhead();
    const at = stream(playhead, { spanMs: 100, lateMs: () => 10 });
    expect(playhead.delayMs(at) + PHONE).toBe(110);
  });

  it("becomes longer at once, and shorter so slowly that nobody sees it", () => {
    const playhead = new Playhead();
    let at = stream(playhead, { lateMs: () => 10 });
    expect(playhead.delayMs(at) + PHONE).toBe(43);
    at = stream(playhead, { from: at, lateMs: () => 300, count: 100 });
    const long = playhead.delayMs(at) + PHONE;
    expect(long).toBe(333);
    const later = stream(playhead, { from: at + 300, lateMs: () => 10, count: 100 });
    const shorter = playhead.delayMs(later) + PHONE;
    expect(shorter).toBeLessThan(long);
    expect(shorter).toBeGreaterThanOrEqual(long - ((later - at) / 1e3) * 40 - 1);
    const calm = stream(playhead, { from: later, lateMs: () => 10, count: 400 });
    expect(playhead.delayMs(calm) + PHONE).toBe(43);
  });

  it("does not learn from what comes in a burst: what is replayed after a cut, or kept for whoever joins", () => {
    const playhead = new Playhead();
    const at = stream(playhead, {});
    // Five seconds of media within 50 ms.
    for (let nth = 0; nth < 50; nth++) {
      playhead.arrived("video", PHONE + at + nth * 100, PHONE + at + (nth + 1) * 100, at + 5_000 + nth);
    }
    const after = stream(playhead, { from: at + 5_100, count: 100 });
    expect(playhead.delayMs(after) + PHONE).toBe(43);
  });

  it("shows what is there while nothing is known", () => {
    const playhead = new Playhead();
    expect(playhead.isDue(1_000, 1_000)).toBe(true);
    playhead.arrived("video", 1_000, 1_033, 1_040);
    playhead.rejoined("video");
    playhead.arrived("video", 1_033, 1_066, 1_070);
    expect(playhead.delayMs(1_070)).toBe(0);
  });

  it("tells when a picture is due", () => {
    const playhead = new Playhead();
    const at = stream(playhead, {});
    expect(playhead.dueInMs(PHONE + at, at)).toBe(43);
    expect(playhead.isDue(PHONE + at - 44, at)).toBe(true);
  });
});

describe("with sound", () => {
  it("is the sound's own, for as long as it is heard", () => {
    const playhead = new Playhead();
    const at = stream(playhead, {});
    playhead.heard(PHONE + at - 95, at);
    // A frame sooner: so long a canvas takes to the screen.
    expect(playhead.delayMs(at) + PHONE).toBe(79);
    expect(playhead.delayMs(at + 400) + PHONE).toBe(79);
    playhead.silent();
    // From there as without sound: not with a leap.
    expect(playhead.delayMs(at + 500) + PHONE).toBeCloseTo(75, 0);
  });

  it("keeps 60 ms of it where both come alike", () => {
    const playhead = new Playhead();
    expect(playhead.soundBufferMs()).toBe(SOUND_BUFFER_MS);
    stream(playhead, { kind: "video", spanMs: 33, lateMs: () => 10 });
    stream(playhead, { kind: "audio", spanMs: 20, lateMs: () => 8 });
    expect(playhead.soundBufferMs()).toBe(SOUND_BUFFER_MS);
  });

  it("keeps more where chunks are longer: until the next one there is some left", () => {
    const playhead = new Playhead();
    stream(playhead, { kind: "audio", spanMs: 100, lateMs: () => 8 });
    expect(playhead.soundBufferMs()).toBe(140);
  });

  it("keeps more where pictures come later, so that a mouth moves when it speaks", () => {
    const playhead = new Playhead();
    stream(playhead, { kind: "video", spanMs: 100, lateMs: () => 250 });
    stream(playhead, { kind: "audio", spanMs: 20, lateMs: () => 8 });
    expect(playhead.soundBufferMs()).toBe(342);
  });
});
