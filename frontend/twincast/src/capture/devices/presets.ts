import type { PresetName } from "../../model/settings";
import type { Size } from "../types";

/** What a person trades: sharpness for data. */
export interface Preset {
  readonly size: Size;
  readonly frameRate: number;
  readonly videoBitsPerSecond: number;
  readonly audioBitsPerSecond: number;
}

/**
 * Rates are those at which H.264 in hardware looks clean at the size, for a camera that moves; Opus carries speech at 24
 * and anything at 64 kbit/s. In an hour: about 0.2, 0.7 and 1.6 GB.
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  "data-saver": {
    size: { width: 640, height: 360 },
    frameRate: 24,
    videoBitsPerSecond: 450_000,
    audioBitsPerSecond: 24_000,
  },
  balanced: {
    size: { width: 1280, height: 720 },
    frameRate: 30,
    videoBitsPerSecond: 1_500_000,
    audioBitsPerSecond: 48_000,
  },
  sharp: {
    size: { width: 1920, height: 1080 },
    frameRate: 30,
    videoBitsPerSecond: 3_500_000,
    audioBitsPerSecond: 64_000,
  },
};

/** @returns what to ask a camera for. Only `ideal`, so that every camera has an answer. */
export function cameraConstraints({ size, frameRate }: Preset): MediaTrackConstraints {
  return { width: { ideal: size.width }, height: { ideal: size.height }, frameRate: { ideal: frameRate } };
}
