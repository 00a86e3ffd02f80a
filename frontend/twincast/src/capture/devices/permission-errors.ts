import type { Device } from "../../model/device";
import type { CaptureError } from "../../model/permission";

/** What is known at the moment that `getUserMedia` failed. */
export interface FailureFacts {
  /** What it was rejected with; absent when it could not even be called. */
  readonly error?: { readonly name: string; readonly message: string };
  readonly asked: readonly Device[];
  /** From the call to the rejection. */
  readonly elapsedMs: number;
  /** What `permissions.query` says afterwards; `unknown` where it cannot be asked (WebViews). */
  readonly permissions: Readonly<Record<Device, PermissionState | "unknown">>;
  /** Devices that `enumerateDevices` lists; absent where that failed too. */
  readonly deviceCounts?: Readonly<Record<Device, number>>;
  /** The app whose built-in browser this seems to be. */
  readonly inAppName?: string;
  /** What is known of the page around this one; absent where there is none. */
  readonly frame?: {
    /** Devices that the frame does not pass on; absent where the browser does not tell. */
    readonly heldBack?: readonly Device[];
    /** Whether browsers would give devices to this page by itself. */
    readonly hasSecureAddress: boolean;
  };
  readonly isSecureContext: boolean;
  readonly hasMediaDevices: boolean;
  /** Whether the browser has `MediaRecorder` or WebCodecs. */
  readonly hasEncoder: boolean;
}

/**
 * Nobody reads a prompt and answers it this fast: the refusal came from a remembered answer. Human reaction to a
 * dialogue plus a tap is well above it, and Safari's own refusals below.
 */
const ANSWERED_BY_MACHINE_MS = 300;

/** @returns why no answer of a person could give this page a device, or null. Pure. */
export function findObstacle(
  facts: Pick<FailureFacts, "isSecureContext" | "hasMediaDevices" | "hasEncoder" | "inAppName" | "frame">,
): CaptureError | null {
  if (!facts.isSecureContext)
    return { kind: facts.frame?.hasSecureAddress ? "insecure-frame" : "insecure-address" };
  if (facts.frame?.heldBack?.length === 2) return { kind: "blocked-by-frame", device: "both" };
  if (facts.hasMediaDevices && facts.hasEncoder) return null;
  if (facts.inAppName !== undefined) return { kind: "in-app-browser", appName: facts.inAppName };
  return { kind: "unsupported-browser", missing: facts.hasMediaDevices ? "MediaRecorder" : "getUserMedia" };
}

/** @returns the one reason that the facts point to. Pure. */
export function classifyFailure(facts: FailureFacts): CaptureError {
  const { error, inAppName } = facts;
  const obstacle = findObstacle(facts);
  if (obstacle) return obstacle;
  const name = error?.name ?? "Error";
  const message = error?.message ?? "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
    case "SecurityError":
      return classifyRefusal(facts, message);
    case "NotFoundError":
    case "DevicesNotFoundError":
    // WebKit without a device answers so, with an empty `constraint`; a real constraint was retried without before.
    case "OverconstrainedError":
      return { kind: "no-device", missing: missingDevice(facts) };
    case "NotReadableError":
    case "TrackStartError":
      return { kind: "in-use", device: deviceNamedIn(message, facts) };
    case "AbortError":
      // Firefox: "Starting videoinput failed" is a device that another program holds.
      if (/starting (?:video|audio)/i.test(message))
        return { kind: "in-use", device: deviceNamedIn(message, facts) };
      return inAppName === undefined
        ? { kind: "failed", name, message }
        : { kind: "in-app-browser", appName: inAppName };
    default:
      return { kind: "failed", name, message };
  }
}

function classifyRefusal(facts: FailureFacts, message: string): CaptureError {
  // First: where a frame passes on one of two, Chromium says "Permission dismissed", and that both are granted.
  const heldBack = facts.asked.filter((device) => isHeldBack(device, facts));
  if (heldBack.length > 0) return { kind: "blocked-by-frame", device: named(heldBack) };
  // Chromium alone tells these apart in words: https://github.com/w3c/mediacapture-main/issues/451
  if (/dismissed/i.test(message)) return { kind: "dismissed" };
  if (facts.inAppName !== undefined) return { kind: "in-app-browser", appName: facts.inAppName };
  if (/by system/i.test(message)) return { kind: "blocked-by-system", device: named(facts.asked) };

  const state = (device: Device) => facts.permissions[device];
  const denied = facts.asked.filter((device) => state(device) === "denied");
  if (denied.length > 0) return { kind: "denied", device: named(denied) };
  if (facts.asked.every((device) => state(device) === "granted")) {
    return { kind: "blocked-by-system", device: named(facts.asked) };
  }
  const undecided = facts.asked.filter((device) => state(device) !== "granted");
  const mayAskAgain = undecided.some((device) => state(device) === "prompt");
  // Chromium says exactly this for a remembered "no"; its permission state lags behind in some versions.
  const isChromiumDenial = /^permission denied\b/i.test(message);
  // Safari answers `prompt` also after "Don't Allow", and then refuses at once until the page is loaded again:
  // https://github.com/Azure/communication-ui-library/pull/2597
  const wasInstant = facts.elapsedMs < ANSWERED_BY_MACHINE_MS;
  if (mayAskAgain && !isChromiumDenial && !wasInstant) return { kind: "dismissed" };
  return { kind: "denied", device: named(undecided) };
}

/**
 * Where the browser does not tell what a frame passes on, its list does: of what is held back it lists no device, and of what
 * a person has refused it lists those that there are. So do Firefox 140 and WebKit 2.50:
 * https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-enumeratedevices
 */
function isHeldBack(device: Device, { frame, deviceCounts, permissions }: FailureFacts): boolean {
  if (!frame) return false;
  if (frame.heldBack) return frame.heldBack.includes(device);
  const mayBeAsked = permissions[device] === "granted" || permissions[device] === "prompt";
  return deviceCounts?.[device] === 0 && !mayBeAsked;
}

function missingDevice({ asked, deviceCounts }: FailureFacts): Device | "both" {
  const absent = deviceCounts ? asked.filter((device) => deviceCounts[device] === 0) : [];
  return named(absent.length > 0 ? absent : asked);
}

/** Chromium: "Could not start video source". Firefox: "Failed to allocate audiosource". */
function deviceNamedIn(message: string, { asked }: FailureFacts): Device | "both" {
  if (/video|camera/i.test(message)) return "camera";
  if (/audio|microphone/i.test(message)) return "microphone";
  return named(asked);
}

function named(devices: readonly Device[]): Device | "both" {
  const [only] = devices;
  return devices.length === 1 && only ? only : "both";
}
