import type { Devices } from "./ui.ts";

export interface MissingDevices {
  readonly devices: Devices;
  /** The engine's own way of saying that there is none: WebKitGTK names no constraint that would not be met. */
  readonly error: "not-found" | "overconstrained";
}

/**
 * Where an engine cannot be started without one of its mock devices, `getUserMedia` says that it is missing as the
 * engine would. Runs in the page, so it must not use anything from outside itself.
 */
export function withoutDevices({ devices, error }: MissingDevices): void {
  // The prototype, not the object: WebKit may collect `navigator.mediaDevices`, and what was written onto it is gone.
  const { prototype } = MediaDevices;
  const { getUserMedia, enumerateDevices } = prototype;
  const isThere = (kind: MediaDeviceKind) =>
    devices === "no-camera" ? kind !== "videoinput" : kind !== "videoinput" && kind !== "audioinput";
  prototype.getUserMedia = async function (constraints) {
    if (!constraints?.video && devices !== "no-devices") return getUserMedia.call(this, constraints);
    throw error === "not-found"
      ? new DOMException("Requested device not found", "NotFoundError")
      : new OverconstrainedError("", "Invalid constraint");
  };
  prototype.enumerateDevices = async function () {
    return (await enumerateDevices.call(this)).filter(({ kind }) => isThere(kind));
  };
}
