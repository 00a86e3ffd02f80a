/**
 * Which frame rate and size a picture is worth at a bit-rate: first fewer frames, then smaller pictures. Pure.
 */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface PictureStep {
  readonly framesPerSecond: number;
  /** No picture is encoded larger, whichever way up; width is the longer side. */
  readonly maxSize: PictureSize;
  readonly keyFrameEveryMs: number;
}

/** What of the picture is less than asked for. Plain data: crosses from a worker to the page as it is. */
export interface Reduction {
  readonly kind: "none" | "fewer-frames" | "smaller-picture";
  /** How often the picture became smaller, told once each: one that comes and goes every minute is one. */
  readonly episode: number;
}

export const NO_REDUCTION: Reduction = { kind: "none", episode: 0 };

/** The shorter sides of the smaller pictures. */
const SHORTER_SIDES = [720, 360, 180];
const FEWER_FRAMES = 15;
/** Of the smallest picture, when even 15 of it are too many. */
const FEWEST_FRAMES = [8, 5, 3, 2, 1];
/** Where a reader may join, and where a lossy reader recovers. */
const KEY_FRAME_EVERY_MS = 2_000;
/** A key frame of the smallest picture weighs as much as the other frames of a second or two. */
const KEY_FRAME_SELDOM_EVERY_MS = 6_000;
/**
 * The power of 0.75 rule: a picture of twice the pixels needs 1.7 times the bits to look alike. With this factor
 * H.264 and VP8 in software look usable: 760 kbit/s for 1280x720 at 30, 160 for 640x360 at 15, 57 for 320x180 at 15.
 */
const BITS_OF_PIXELS = 2;
const POWER = 0.75;
/** How much more than it needs a better step must have before it is taken: a step costs a key frame. */
const MARGIN_UP = 1.4;

/** @returns the steps from what was asked for down to the least, each with fewer pixels a second than the one before. */
export function pictureLadder(size: PictureSize, framesPerSecond: number): readonly PictureStep[] {
  const shorter = Math.min(size.width, size.height);
  const scaled = (side: number): PictureSize => ({
    width: Math.round((size.width * side) / shorter),
    height: Math.round((size.height * side) / shorter),
  });
  const fewer = Math.min(FEWER_FRAMES, framesPerSecond);
  const sizes = [size, ...SHORTER_SIDES.filter((side) => side < shorter).map(scaled)];
  const smallest = sizes.at(-1) as PictureSize;
  const steps = sizes.flatMap((maxSize, index): PictureStep[] => [
    ...(index === 0 && framesPerSecond > fewer
      ? [{ framesPerSecond, maxSize, keyFrameEveryMs: KEY_FRAME_EVERY_MS }]
      : []),
    { framesPerSecond: fewer, maxSize, keyFrameEveryMs: KEY_FRAME_EVERY_MS },
  ]);
  const fewest = FEWEST_FRAMES.filter((frames) => frames < fewer).map((frames) => ({
    framesPerSecond: frames,
    maxSize: smallest,
    keyFrameEveryMs: KEY_FRAME_SELDOM_EVERY_MS,
  }));
  return [...steps, ...fewest];
}

/**
 * @param index the step of now.
 * @param wanted bits per second of the first step, which is enough for it whatever the rule says.
 * @returns the index of the step for `bitsPerSecond`.
 */
export function stepFor(
  ladder: readonly PictureStep[],
  index: number,
  bitsPerSecond: number,
  wanted: number,
): number {
  if (bitsPerSecond >= wanted) return 0;
  const enough = (margin: number) => {
    const found = ladder.findIndex((step) => bitsPerSecond >= Math.min(wanted, bitsNeeded(step) * margin));
    return found < 0 ? ladder.length - 1 : found;
  };
  const down = enough(1);
  return down > index ? down : Math.min(index, enough(MARGIN_UP));
}

function bitsNeeded({ maxSize, framesPerSecond }: PictureStep): number {
  return BITS_OF_PIXELS * (maxSize.width * maxSize.height * framesPerSecond) ** POWER;
}
