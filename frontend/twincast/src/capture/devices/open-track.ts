import type { Device } from "../../model/device";
import type { CaptureError } from "../../model/permission";
import { explain } from "./acquire";
import { browserDevices, type DeviceEnvironment } from "./device-environment";

export type OpenResult =
  | { readonly kind: "granted"; readonly track: MediaStreamTrack }
  | { readonly kind: "refused"; readonly error: CaptureError };

/** What becomes of a change of the device on purpose. */
export type ChangeResult =
  /** With an error when it is the former device again: why the other one could not be had. */
  | { readonly kind: "granted"; readonly track: MediaStreamTrack; readonly error?: CaptureError }
  | { readonly kind: "refused"; readonly error: CaptureError };

/**
 * Opens one device while the other goes on: to flip the camera, to change the microphone, to come back after an
 * interruption. Stop the old track of the same kind first: Android has one camera at a time (NotReadableError), and on
 * iOS a second request of a kind silences the first. Never rejects.
 */
export async function openTrack(
  device: Device,
  constraints: MediaTrackConstraints | true,
  environment: DeviceEnvironment = browserDevices(),
): Promise<OpenResult> {
  const { mediaDevices, clock } = environment;
  const startedAt = clock.now();
  try {
    if (!mediaDevices) throw new TypeError("mediaDevices is not defined");
    const stream = await mediaDevices.getUserMedia({
      [device === "camera" ? "video" : "audio"]: constraints,
    });
    const [track] = stream.getTracks();
    if (!track) throw new TypeError("the stream has no track");
    return { kind: "granted", track };
  } catch (cause) {
    return { kind: "refused", error: await explain(environment, [device], cause, startedAt) };
  }
}
