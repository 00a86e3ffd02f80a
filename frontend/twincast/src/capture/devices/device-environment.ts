/** What a request for camera and microphone touches of a browser, and what can be known before it is made. */
import { type Clock, systemClock } from "../../clock";
import type { Device } from "../../model/device";
import { isSecureAddress } from "../../model/secure-address";
import type { FailureFacts } from "./permission-errors";
import { guessPlatform, type NavigatorHints } from "./platform";

/** The parts of a browser that a request for devices touches. */
export interface DeviceEnvironment {
  /** Absent on insecure addresses and in browsers without the API. */
  readonly mediaDevices: Pick<MediaDevices, "getUserMedia" | "enumerateDevices"> | undefined;
  /** `permissions.query`, where there is one. */
  readonly queryPermission: ((device: Device) => Promise<PermissionState>) | undefined;
  readonly navigator: NavigatorHints;
  /** What is around a page that stands in a frame; else absent. */
  readonly frame?: Frame | undefined;
  readonly isSecureContext: boolean;
  /** Whether there is any API that could encode what the devices give. */
  readonly hasEncoder: boolean;
  readonly clock: Clock;
}

export interface Frame {
  /** Whether the frame passes a device on; absent where the browser does not tell. */
  readonly allowsFeature?: ((device: Device) => boolean) | undefined;
  /** Whether browsers would give devices to this page by itself: what is insecure then is the page around it. */
  readonly hasSecureAddress: boolean;
}

const DEVICES = ["camera", "microphone"] as const;

export function browserDevices(): DeviceEnvironment {
  const permissions = navigator.permissions as Permissions | undefined;
  return {
    mediaDevices: navigator.mediaDevices as MediaDevices | undefined,
    // Before Firefox 132 a query for "camera" throws, which counts as "unknown".
    queryPermission: permissions && (async (name) => (await permissions.query({ name })).state),
    navigator,
    frame:
      window.parent === window
        ? undefined
        : { allowsFeature: framePolicy(), hasSecureAddress: isSecureAddress(location) },
    isSecureContext: window.isSecureContext,
    hasEncoder: "MediaRecorder" in window || "VideoEncoder" in window,
    clock: systemClock,
  };
}

/**
 * The same devices for as long as somebody wants them. A request that takes several questions goes on to the next one by
 * itself, and nobody is to be asked on behalf of a page's part that is gone.
 */
export function devicesUntil(environment: DeviceEnvironment, isOver: () => boolean): DeviceEnvironment {
  const { mediaDevices } = environment;
  if (!mediaDevices) return environment;
  return {
    ...environment,
    mediaDevices: {
      enumerateDevices: () => mediaDevices.enumerateDevices(),
      getUserMedia: async (constraints) => {
        if (isOver()) throw new DOMException("Nobody wants it any more.", "AbortError");
        return mediaDevices.getUserMedia(constraints);
      },
    },
  };
}

/** Chromium's way to ask: https://www.w3.org/TR/permissions-policy/#dom-document-permissionspolicy under its former name. */
function framePolicy(): ((device: Device) => boolean) | undefined {
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(feature: string): boolean } };
  return featurePolicy && ((device) => featurePolicy.allowsFeature(device));
}

/** What is known without asking for anything. */
export function factsOf(
  environment: DeviceEnvironment,
): Pick<FailureFacts, "frame" | "inAppName" | "isSecureContext" | "hasMediaDevices" | "hasEncoder"> {
  const { inAppName } = guessPlatform(environment.navigator);
  return {
    ...(environment.frame && { frame: frameFacts(environment.frame) }),
    ...(inAppName !== undefined && { inAppName }),
    isSecureContext: environment.isSecureContext,
    hasMediaDevices: environment.mediaDevices !== undefined,
    hasEncoder: environment.hasEncoder,
  };
}

function frameFacts({ allowsFeature, hasSecureAddress }: Frame): NonNullable<FailureFacts["frame"]> {
  return {
    hasSecureAddress,
    ...(allowsFeature && { heldBack: DEVICES.filter((device) => !allowsFeature(device)) }),
  };
}
