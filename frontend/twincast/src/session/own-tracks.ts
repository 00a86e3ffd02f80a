/** Devices of the page's own: a canvas, a file that plays, a mixer. They stand in the place of camera and microphone. */
import type { Device } from "../model/device";
import type { StreamKind } from "../model/stream";
import type { DeviceAccess } from "./device-access";

/** Tracks to stream instead of camera and microphone. They stay the page's: the session streams clones of them. */
export interface OwnTracks {
  /** In the camera's place. Without it, or where it has ended before `ask`, there is no video stream. */
  readonly video?: MediaStreamTrack;
  /** In the microphone's place, likewise. */
  readonly audio?: MediaStreamTrack;
}

const KIND_OF = { camera: "video", microphone: "audio" } as const satisfies Record<Device, StreamKind>;

/** @param access what the rest of the browser's side does: the level, the screen, the visibility. */
export function ownTracksAccess(tracks: OwnTracks, access: DeviceAccess): DeviceAccess {
  const cloneOf = (device: Device) => {
    const track = tracks[KIND_OF[device]];
    return track?.readyState === "live" ? track.clone() : null;
  };
  return {
    ...access,
    acquire: async ({ without } = {}) => {
      const [video, audio] = (["camera", "microphone"] as const).map((device) =>
        device === without ? null : cloneOf(device),
      );
      if (!video && !audio) return { kind: "refused", error: { kind: "no-device", missing: "both" } };
      const missing = !video ? "camera" : !audio ? "microphone" : null;
      return {
        kind: "granted",
        stream: new MediaStream([video, audio].filter((track) => track != null)),
        ...(missing && { missing, missingError: { kind: "no-device", missing } }),
      };
    },
    open: async (device) => {
      const track = cloneOf(device);
      return track
        ? { kind: "granted", track }
        : { kind: "refused", error: { kind: "no-device", missing: device } };
    },
    // There is no other side.
    flip: async (track) => ({ kind: "kept", track, error: { kind: "no-device", missing: "camera" } }),
    wouldAsk: async () => false,
    watch: () => () => {},
    watchPermissions: () => () => {},
    wereGiven: { get: () => true, note: () => {} },
  };
}
