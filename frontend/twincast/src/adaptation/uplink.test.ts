/** Both streams on one uplink, end to end in virtual time, against encoders that overshoot. */
import { describe, expect, it, vi } from "vitest";
import { PRESETS } from "../capture/devices";
import { PhoneOnUplink, type PhoneOptions } from "./testing/phone-on-uplink";

const { size, frameRate, videoBitsPerSecond, audioBitsPerSecond } = PRESETS.balanced;
const WANTED = { size, frameRate, bitsPerSecond: videoBitsPerSecond };
// Minutes of two streams are simulated and hashed, on machines that have other work to do.
vi.setConfig({ testTimeout: 60_000 });

/** The scene of Chromium's fake camera: it never needs more. */
const EASY_SCENE_BITS_PER_SECOND = 456_000;
/** For the first flight, which was sent before anything was known of the path. */
const SETTLED_S = 20;
const NOISE = [1];

const phone = (options: Partial<PhoneOptions> & Pick<PhoneOptions, "bytesPerSecond" | "roundTripMs">) =>
  new PhoneOnUplink({ wanted: WANTED, audioBitsPerSecond, ...options });

const GRID = [12_000, 25_000, 40_000, 100_000].flatMap((bytesPerSecond) =>
  [20, 300, 600].map((roundTripMs) => ({ bytesPerSecond, roundTripMs })),
);

describe.each(GRID)("an uplink of $bytesPerSecond B/s for both, $roundTripMs ms", (path) => {
  it.each([
    ["an easy scene", EASY_SCENE_BITS_PER_SECOND],
    ["a hard scene", undefined],
  ])("loses nothing after the first seconds of %s, and comes back", (_, sceneBitsPerSecond) => {
    for (const seed of NOISE) {
      const made = phone({ ...path, seed, ...(sceneBitsPerSecond && { sceneBitsPerSecond }) });
      made.record(120);
      expect(made.video.gapsAtS.filter((atS) => atS > SETTLED_S)).toEqual([]);
      expect(made.audio.gapsAtS).toEqual([]);
      const settled = made.moments.filter(({ atS }) => atS > 40);
      expect(Math.max(...settled.map(({ videoBehindMs }) => videoBehindMs))).toBeLessThan(6_000);
      expect(Math.max(...settled.map(({ audioBehindMs }) => audioBehindMs))).toBeLessThan(4_000);
      // Told once, and no picture that changes its size every few seconds.
      expect(made.adaptation.reduction.episode).toBeLessThanOrEqual(1);
      expect(made.sizeChanges).toBeLessThanOrEqual(10);

      made.uplink.bytesPerSecond = 1_000_000;
      for (
        let passedS = 0;
        passedS < 90 && made.adaptation.rate.bitsPerSecond < videoBitsPerSecond;
        passedS += 5
      ) {
        made.record(5);
      }
      expect(made.adaptation.rate).toMatchObject({ ...WANTED_RATE });
      expect(made.audio.gapsAtS).toEqual([]);
      for (const stream of [made.video, made.audio]) expect(stream.backend.complaints).toEqual([]);
    }
  });
});

const WANTED_RATE = { bitsPerSecond: videoBitsPerSecond, framesPerSecond: frameRate, maxSize: size };

it("loses the picture again and again where nothing follows the path, so these tests can fail", () => {
  const made = phone({ bytesPerSecond: 25_000, roundTripMs: 20, adapts: false });
  made.record(120);
  expect(made.video.gapsAtS.filter((atS) => atS > SETTLED_S).length).toBeGreaterThan(3);
});

describe("where the path carries little", () => {
  it("sound keeps its place at 8 kB/s, and all that is lost is picture", () => {
    const made = phone({ bytesPerSecond: 8_000, roundTripMs: 300 });
    made.record(180);
    expect(made.audio.gapsAtS).toEqual([]);
    expect(made.video.gapsAtS.length).toBeLessThan(5);
    const settled = made.moments.filter(({ atS }) => atS > 60);
    expect(Math.max(...settled.map(({ audioBehindMs }) => audioBehindMs))).toBeLessThan(10_000);
  });

  it("sound is whole at 40 kB/s, because the picture yields", () => {
    const made = phone({ bytesPerSecond: 40_000, roundTripMs: 300 });
    made.record(120);
    const settled = made.moments.filter(({ atS }) => atS > 60);
    expect(settled.every((moment) => moment.audioBitsPerSecond === audioBitsPerSecond)).toBe(true);
    expect(settled.every(({ video }) => video.maxSize.height < 720)).toBe(true);
  });
});

describe("a path that becomes slow in mid-session", () => {
  it.each([12_000, 25_000])("to %i B/s costs one gap at most, in the first seconds", (bytesPerSecond) => {
    const made = phone({ bytesPerSecond: 1_000_000, roundTripMs: 100 });
    made.record(30);
    expect(made.adaptation.rate).toMatchObject(WANTED_RATE);
    made.uplink.bytesPerSecond = bytesPerSecond;
    made.record(120);
    expect(made.video.gapsAtS.length).toBeLessThanOrEqual(1);
    expect(made.video.gapsAtS.filter((atS) => atS > 30 + SETTLED_S)).toEqual([]);
    expect(made.audio.gapsAtS).toEqual([]);
  });
});

describe.each([20, 300, 600])("a good path of %i ms", (roundTripMs) => {
  it("is never taken for a slow one", () => {
    for (const sceneBitsPerSecond of [EASY_SCENE_BITS_PER_SECOND, Number.MAX_VALUE]) {
      const made = phone({ bytesPerSecond: 1_000_000, roundTripMs, sceneBitsPerSecond });
      made.record(60);
      expect(made.moments.every(({ video }) => video.bitsPerSecond === videoBitsPerSecond)).toBe(true);
      expect(made.adaptation.reduction.episode).toBe(0);
    }
  });

  // Wherever it falls between two pings, which find a dead path.
  it.each([0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8])(
    "gives the whole picture again within 15 s of an outage of 6 s at %s s",
    (phaseS) => {
      const made = phone({ bytesPerSecond: 1_000_000, roundTripMs });
      made.record(20 + phaseS);
      for (const stream of [made.video, made.audio]) stream.network.state = "black-hole";
      made.record(6);
      for (const stream of [made.video, made.audio]) stream.network.state = "healthy";
      made.record(15);
      expect(made.adaptation.rate).toMatchObject(WANTED_RATE);
      expect(made.video.sender.status.path.lateMs).toBe(0);
      expect(made.video.gapsAtS).toEqual([]);
      expect(made.adaptation.reduction.episode).toBe(0);
    },
  );
});
