import type { Facing, Zoom } from "../../model/device";
import type { CaptureError } from "../../model/permission";
import { facingOf } from "../segment-details";
import { browserDevices, type DeviceEnvironment } from "./device-environment";
import { openTrack } from "./open-track";

export type FlipResult =
  | { readonly kind: "flipped"; readonly track: MediaStreamTrack }
  /** There is no other camera, or it cannot be had; this is the former one, opened again. */
  | { readonly kind: "kept"; readonly track: MediaStreamTrack; readonly error: CaptureError }
  /** Neither could be had. */
  | { readonly kind: "lost"; readonly error: CaptureError };

/** How manufacturers label the camera that looks to a side; only asked where the track itself does not say. */
const LABELS: Readonly<Record<Facing, RegExp>> = {
  user: /front|user|facetime|selfie/i,
  environment: /back|rear|environment|world/i,
};

/**
 * Changes from the front camera to the back one, or the reverse; where cameras have no sides, to the next one. The old
 * track ends first and its replacement is a new track: begin a new segment with it.
 *
 * @param size what to ask the camera for besides its side; `ideal` values only.
 */
export async function flipCamera(
  old: MediaStreamTrack,
  size: MediaTrackConstraints,
  environment: DeviceEnvironment = browserDevices(),
): Promise<FlipResult> {
  const { deviceId: oldId, ...settings } = old.getSettings();
  const oldFacing = facingOf(settings);
  const wanted: Facing = oldFacing === "environment" ? "user" : "environment";
  const others = await otherCameras(environment, oldId, wanted);
  old.stop();

  const choices: MediaTrackConstraints[] = [
    { facingMode: { exact: wanted } },
    { facingMode: { ideal: wanted } },
    ...others.map((deviceId) => ({ deviceId: { exact: deviceId } })),
  ];
  let error: CaptureError = { kind: "no-device", missing: "camera" };
  for (const choice of choices) {
    const opened = await openTrack("camera", { ...size, ...choice }, environment);
    if (opened.kind === "refused") {
      error = opened.error;
      continue;
    }
    const { track } = opened;
    if (track.getSettings().deviceId !== oldId || facingOf(track.getSettings()) === wanted) {
      return { kind: "flipped", track };
    }
    // "Ideally the back one" may well be answered with the front one again.
    track.stop();
  }

  const back = oldId === undefined ? {} : { deviceId: { exact: oldId } };
  for (const choice of [back, oldFacing ? { facingMode: { ideal: oldFacing } } : {}]) {
    const opened = await openTrack("camera", { ...size, ...choice }, environment);
    if (opened.kind === "granted") return { kind: "kept", track: opened.track, error };
  }
  return { kind: "lost", error };
}

/** @returns ids of the other cameras, those that by their label look to the wanted side first. */
async function otherCameras(
  { mediaDevices }: DeviceEnvironment,
  oldId: string | undefined,
  wanted: Facing,
): Promise<string[]> {
  const devices = (await mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const cameras = devices.filter(
    ({ kind, deviceId }) => kind === "videoinput" && deviceId && deviceId !== oldId,
  );
  const fitting = cameras.filter(({ label }) => LABELS[wanted].test(label));
  return [...fitting, ...cameras.filter((camera) => !fitting.includes(camera))].map(
    ({ deviceId }) => deviceId,
  );
}

/** Not in the DOM's types: https://w3c.github.io/mediacapture-image/#torch */
type TorchCapabilities = MediaTrackCapabilities & { readonly torch?: boolean };

export function hasTorch(track: MediaStreamTrack): boolean {
  // Firefox has no getCapabilities.
  return (track.getCapabilities?.() as TorchCapabilities | undefined)?.torch === true;
}

/** @throws OverconstrainedError where the track has no torch. */
export async function setTorch(track: MediaStreamTrack, isOn: boolean): Promise<void> {
  await track.applyConstraints({ advanced: [{ torch: isOn } as MediaTrackConstraintSet] });
}

/** Not in the DOM's types: https://w3c.github.io/mediacapture-image/#zoom */
type ZoomCapabilities = MediaTrackCapabilities & {
  readonly zoom?: { readonly min?: number; readonly max?: number; readonly step?: number };
};

/** @returns null where the camera cannot, or the browser does not let it. */
export function zoomOf(track: MediaStreamTrack): Zoom | null {
  const {
    min = 1,
    max = 1,
    step = 0,
  } = (track.getCapabilities?.() as ZoomCapabilities | undefined)?.zoom ?? {};
  if (!(max > min)) return null;
  const { zoom: value = min } = track.getSettings() as MediaTrackSettings & { zoom?: number };
  return { value, min, max, step: step > 0 ? step : (max - min) / 100 };
}

/**
 * A request takes the place of the one before it: size and frame rate are asked for again, and so is the light.
 *
 * @param isTorchOn whether the light is on, and stays so.
 * @throws OverconstrainedError where the track has no zoom.
 */
export async function setZoom(track: MediaStreamTrack, zoom: number, isTorchOn: boolean): Promise<void> {
  const lens = { zoom, ...(isTorchOn && { torch: true }) };
  await track.applyConstraints({ ...track.getConstraints(), advanced: [lens as MediaTrackConstraintSet] });
}
