import type { Device } from "../../model/device";
import type { CaptureError } from "../../model/permission";
import { browserDevices, type DeviceEnvironment, factsOf } from "./device-environment";
import { classifyFailure, findObstacle } from "./permission-errors";

/** What a person gets to see of a request for camera and microphone. */
export type AcquireResult =
  | {
      readonly kind: "granted";
      readonly stream: MediaStream;
      /** The device that could not be had while the other could: the session goes on with one stream. */
      readonly missing?: Device;
      /** Why `missing` is missing. */
      readonly missingError?: CaptureError;
    }
  | { readonly kind: "refused"; readonly error: CaptureError };

export interface AcquireOptions {
  /** What would be best; only `ideal` values, so that a device with less is taken all the same. */
  readonly wanted?: WantedDevices;
  /**
   * Called once when nobody has answered the prompt for `unansweredMs`: time to say where to look for it. The request
   * goes on, and an answer that comes later still counts.
   */
  readonly onUnanswered?: () => void;
  readonly unansweredMs?: number;
  /** A device that the person goes on without: the other one is asked for alone. */
  readonly without?: Device;
}

/** Constraints per device, without `exact`, `min` or `max`. */
export interface WantedDevices {
  readonly camera: MediaTrackConstraints;
  readonly microphone: MediaTrackConstraints;
}

export const UNANSWERED_MS = 8_000;
/** A device that another program just let go needs a moment: one retry after this long. */
const BUSY_RETRY_MS = 1_000;

export const DEFAULT_WANTED: WantedDevices = {
  camera: {
    facingMode: { ideal: "user" },
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
  },
  microphone: {
    echoCancellation: { ideal: true },
    noiseSuppression: { ideal: true },
    autoGainControl: { ideal: true },
    channelCount: { ideal: 1 },
  },
};

/** @returns why asking could never lead to a device, which is known when the page opens; or null. */
export function obstacleOf(environment: DeviceEnvironment = browserDevices()): CaptureError | null {
  return findObstacle(factsOf(environment));
}

/**
 * Asks for camera and microphone in ONE call, because on iOS a second `getUserMedia` call silences the first's tracks.
 * Where one of the two cannot be had, goes on with the other. Call it from a tap. Never rejects; stays pending for as
 * long as the prompt is open.
 */
export async function acquire(
  { wanted = DEFAULT_WANTED, onUnanswered, unansweredMs = UNANSWERED_MS, without }: AcquireOptions = {},
  environment: DeviceEnvironment = browserDevices(),
): Promise<AcquireResult> {
  const { mediaDevices, clock } = environment;
  // Looked at first: nobody should answer a prompt for something that cannot work.
  if (!mediaDevices || !environment.hasEncoder) {
    return {
      kind: "refused",
      error: await explain(environment, ["camera", "microphone"], undefined, clock.now()),
    };
  }
  const stopWaiting = onUnanswered ? clock.after(unansweredMs, onUnanswered) : () => {};
  try {
    return await acquireInStages(mediaDevices, wanted, environment, without);
  } finally {
    stopWaiting();
  }
}

type Attempt =
  | { readonly kind: "granted"; readonly stream: MediaStream }
  | { readonly kind: "failed"; readonly cause: unknown; readonly error: CaptureError };

async function acquireInStages(
  mediaDevices: Pick<MediaDevices, "getUserMedia">,
  wanted: WantedDevices,
  environment: DeviceEnvironment,
  without: Device | undefined,
): Promise<AcquireResult> {
  const attempt = async (asked: readonly Device[], constraints: WantedDevices | true): Promise<Attempt> => {
    const startedAt = environment.clock.now();
    try {
      const of = (device: Device) => asked.includes(device) && (constraints === true || constraints[device]);
      const stream = await mediaDevices.getUserMedia({ video: of("camera"), audio: of("microphone") });
      return { kind: "granted", stream };
    } catch (cause) {
      return { kind: "failed", cause, error: await explain(environment, asked, cause, startedAt) };
    }
  };

  if (without) {
    const alone = await attempt([otherThan(without)], wanted);
    if (alone.kind === "failed") return { kind: "refused", error: alone.error };
    return {
      kind: "granted",
      stream: alone.stream,
      missing: without,
      missingError: { kind: "denied", device: without },
    };
  }

  let both = await attempt(["camera", "microphone"], wanted);
  if (both.kind === "failed" && isConstraintFailure(both.cause))
    both = await attempt(["camera", "microphone"], true);
  if (both.kind === "failed" && isWorthARetry(both.cause, both.error)) {
    await new Promise<void>((resolve) => environment.clock.after(BUSY_RETRY_MS, resolve));
    both = await attempt(["camera", "microphone"], wanted);
  }
  if (both.kind === "granted") return both;

  const { error } = both;
  for (const missing of devicesToGoWithout(error)) {
    const rest = otherThan(missing);
    // Where a person said no to one, the other is taken only if they said yes to it: without another question.
    if (isRefusal(error) && (await permissionState(environment, rest)) !== "granted") break;
    const alone = await attempt([rest], wanted);
    if (alone.kind === "granted") {
      return { kind: "granted", stream: alone.stream, missing, missingError: nameDevice(error, missing) };
    }
    // A "no" to the second prompt is an answer; asking for the other device after it would be pestering.
    if (alone.error.kind !== "no-device" && alone.error.kind !== "in-use") {
      return { kind: "refused", error: alone.error };
    }
  }
  return { kind: "refused", error };
}

/** Which device to leave out, in the order to try; none when leaving one out would go round a person's "no". */
function devicesToGoWithout(error: CaptureError): readonly Device[] {
  switch (error.kind) {
    case "no-device":
      return error.missing === "both" ? ["camera", "microphone"] : [error.missing];
    case "in-use":
      return error.device === "both" ? ["camera", "microphone"] : [error.device];
    case "denied":
    case "blocked-by-system":
    case "blocked-by-frame":
      return error.device === "both" ? [] : [error.device];
    case "dismissed":
    case "insecure-address":
    case "insecure-frame":
    case "unsupported-browser":
    case "in-app-browser":
    case "failed":
      return [];
  }
}

function isRefusal(error: CaptureError): boolean {
  return error.kind === "denied" || error.kind === "blocked-by-system";
}

function otherThan(device: Device): Device {
  return device === "camera" ? "microphone" : "camera";
}

/** The same error, said of the device that turned out to be the one at fault. */
function nameDevice(error: CaptureError, device: Device): CaptureError {
  if (error.kind === "no-device") return { ...error, missing: device };
  if (error.kind === "in-use") return { ...error, device };
  return error;
}

function isConstraintFailure(cause: unknown): boolean {
  const { name, constraint } = cause as { name?: unknown; constraint?: unknown };
  // Without a `constraint` it is WebKit's word for "no such device", which asking for less does not change.
  return name === "OverconstrainedError" && Boolean(constraint);
}

function isWorthARetry(cause: unknown, error: CaptureError): boolean {
  return error.kind === "in-use" || (error.kind === "failed" && describe(cause).name === "AbortError");
}

/** Asks the browser what it knows about a failure, then classifies it. */
export async function explain(
  environment: DeviceEnvironment,
  asked: readonly Device[],
  cause: unknown,
  startedAt: number,
): Promise<CaptureError> {
  const elapsedMs = environment.clock.now() - startedAt;
  const [camera, microphone, deviceCounts] = await Promise.all([
    permissionState(environment, "camera"),
    permissionState(environment, "microphone"),
    countDevices(environment),
  ]);
  return classifyFailure({
    ...(cause !== undefined && { error: describe(cause) }),
    asked,
    elapsedMs,
    permissions: { camera, microphone },
    ...(deviceCounts && { deviceCounts }),
    ...factsOf(environment),
  });
}

function describe(cause: unknown): { name: string; message: string } {
  // Read by shape: an OverconstrainedError is not an instance of Error in every engine.
  const { name, message } = cause as { name?: unknown; message?: unknown };
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "",
  };
}

async function permissionState(
  { queryPermission }: DeviceEnvironment,
  device: Device,
): Promise<PermissionState | "unknown"> {
  try {
    return (await queryPermission?.(device)) ?? "unknown";
  } catch {
    return "unknown";
  }
}

async function countDevices({
  mediaDevices,
}: DeviceEnvironment): Promise<Record<Device, number> | undefined> {
  try {
    const devices = (await mediaDevices?.enumerateDevices()) ?? undefined;
    if (!devices) return undefined;
    const count = (kind: MediaDeviceKind) => devices.filter((device) => device.kind === kind).length;
    return { camera: count("videoinput"), microphone: count("audioinput") };
  } catch {
    return undefined;
  }
}
