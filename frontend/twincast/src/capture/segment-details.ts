import type { Facing } from "../model/device";
import type { SegmentInfo } from "../model/media";

/** What a segment says of its source. */
export type SegmentDetails = Pick<
  SegmentInfo,
  "width" | "height" | "frameRate" | "facing" | "orientation" | "sampleRate" | "channels"
>;

/**
 * Reads what the track delivers now. iOS reports wrong settings in a track's first 10 ms, so ask when data has come.
 *
 * @param screenAngle the screen's clockwise rotation in degrees, where it is known.
 */
export function trackDetails(track: MediaStreamTrack, screenAngle?: number): SegmentDetails {
  const settings = track.getSettings();
  if (track.kind === "audio") {
    return defined({ sampleRate: settings.sampleRate, channels: settings.channelCount });
  }
  return defined({
    width: settings.width,
    height: settings.height,
    frameRate: settings.frameRate,
    facing: facingOf(settings),
    orientation: screenAngle,
  });
}

/** @returns the side that the camera looks to; undefined for webcams and for fakes, which have no facing. */
export function facingOf({ facingMode }: MediaTrackSettings): Facing | undefined {
  return facingMode === "user" || facingMode === "environment" ? facingMode : undefined;
}

export function screenAngle(): number | undefined {
  return typeof screen === "undefined"
    ? undefined
    : (screen.orientation as ScreenOrientation | undefined)?.angle;
}

/** Leaves out what is not known: an engine that reports 0 for a size or a rate does not know it. */
function defined(
  details: { [Key in keyof SegmentDetails]: SegmentDetails[Key] | undefined },
): SegmentDetails {
  const known = Object.entries(details).filter(
    ([key, value]) => value !== undefined && (value !== 0 || key === "orientation"),
  );
  return Object.fromEntries(known);
}
