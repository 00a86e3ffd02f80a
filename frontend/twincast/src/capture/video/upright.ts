import type { Size } from "../types";

/** H.264 and VP8 subsample colour by two: odd sizes are refused or cropped. */
const even = (pixels: number) => Math.max(2, Math.round(pixels / 2) * 2);

/**
 * The size to encode a picture at: its own, or smaller so that it is no larger than `limit` either way up. Pure.
 *
 * @param limit for the picture lying down (width is the longer side).
 */
export function encodedSize(picture: Size, limit: Size): Size {
  const longer = Math.max(picture.width, picture.height);
  const shorter = Math.min(picture.width, picture.height);
  const scale = Math.min(
    1,
    Math.max(limit.width, limit.height) / longer,
    Math.min(limit.width, limit.height) / shorter,
  );
  return { width: even(picture.width * scale), height: even(picture.height * scale) };
}

/** `rotation` and `flip` are there from Chromium 138 on; Safari rotates without a word. */
interface Oriented {
  readonly rotation?: number;
  readonly flip?: boolean;
}

/**
 * The size of the picture as people see it.
 *
 * @param known what a `<video>` says of it, which counts where frames do not tell their rotation.
 */
export function uprightSize(frame: VideoFrame, known: Partial<Size>): Size {
  const { width, height } = known;
  if (hidesRotation(frame) && width && height) return { width, height };
  // Already turned where `rotation` is known: https://w3c.github.io/webcodecs/#dom-videoframe-displaywidth
  return { width: frame.displayWidth, height: frame.displayHeight };
}

/**
 * Whether a frame has to be drawn before it is encoded, because an encoder would take its pixels as they lie. For its
 * size alone it has not: encoders must scale (https://w3c.github.io/webcodecs/#dom-videoencoderconfig-width), and
 * Chromium's canvas in a worker waits for the page's thread, which cost 3 frames for each 200 ms that it was busy.
 */
export function needsDrawing(frame: VideoFrame, size: Size, mayHideRotation: boolean): boolean {
  const { rotation, flip } = frame as Oriented;
  if (!hidesRotation(frame)) return rotation !== 0 || flip === true;
  // An engine without `rotation` has an older WebCodecs, which need not know that rule.
  return mayHideRotation || frame.displayWidth !== size.width || frame.displayHeight !== size.height;
}

const hidesRotation = (frame: VideoFrame) => (frame as Oriented).rotation === undefined;

/** Draws frames upright and at the wanted size. Drawing applies the rotation that encoders and containers lose. */
export class UprightDrawer {
  #canvas: OffscreenCanvas | undefined;
  #context: OffscreenCanvasRenderingContext2D | null = null;

  /** @returns a new frame of `size` with the same picture; the caller closes both. */
  draw(frame: VideoFrame, { width, height }: Size, timestamp: number): VideoFrame {
    if (this.#canvas?.width !== width || this.#canvas.height !== height) {
      this.#canvas = new OffscreenCanvas(width, height);
      this.#context = this.#canvas.getContext("2d", { alpha: false, desynchronized: true });
    }
    if (!this.#context) throw new TypeError("OffscreenCanvas has no 2d context here");
    this.#context.drawImage(frame, 0, 0, width, height);
    return new VideoFrame(this.#canvas, { timestamp });
  }
}
