import { type Clock, systemClock } from "../../clock";
import { screenAngle, trackDetails } from "../segment-details";
import type { FrameDetails } from "../video/frame-input";

export interface PictureWatchOptions {
  readonly track: MediaStreamTrack;
  /** The preview. What it shows is upright in every engine, which a track's settings are not sworn to be. */
  readonly video?: Pick<HTMLVideoElement, "videoWidth" | "videoHeight">;
  readonly onChange: (details: FrameDetails) => void;
  readonly clock?: Clock;
  readonly angle?: () => number | undefined;
}

/** No engine tells every change of the picture by an event, and a picture on its side for half a second is no harm. */
const LOOK_EVERY_MS = 500;

/**
 * Tells when the phone was turned or the camera changed its size: a `MediaRecorder` needs a new segment then, since
 * WebKit's takes its rotation from the first frame only; a frame encoder needs `setDetails`.
 *
 * @returns what the picture is now, and a function that ends the telling.
 */
export function watchPicture(options: PictureWatchOptions): {
  readonly details: FrameDetails;
  readonly stop: () => void;
} {
  const { track, video, onChange, clock = systemClock, angle = screenAngle } = options;
  const look = (): FrameDetails => {
    const details = trackDetails(track, angle());
    const isShown = video && video.videoWidth > 0 && video.videoHeight > 0;
    return isShown ? { ...details, width: video.videoWidth, height: video.videoHeight } : details;
  };
  const first = look();
  let last = first;
  let stopLooking = () => {};
  const lookAgain = () => {
    stopLooking = clock.after(LOOK_EVERY_MS, lookAgain);
    // An ended track has no settings: that is an interruption, and no new size.
    if (track.readyState === "ended") return;
    const now = look();
    const isSame =
      now.width === last.width && now.height === last.height && now.orientation === last.orientation;
    if (isSame) return;
    last = now;
    onChange(now);
  };
  stopLooking = clock.after(LOOK_EVERY_MS, lookAgain);
  return { details: first, stop: () => stopLooking() };
}
