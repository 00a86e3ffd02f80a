import { describe, expect, it } from "vitest";
import type { CaptureError } from "../../model/permission";
import { classifyFailure, type FailureFacts } from "./permission-errors";

const BLANK: FailureFacts = {
  error: { name: "NotAllowedError", message: "" },
  asked: ["camera", "microphone"],
  elapsedMs: 2000,
  permissions: { camera: "prompt", microphone: "prompt" },
  isSecureContext: true,
  hasMediaDevices: true,
  hasEncoder: true,
};

const denied = { camera: "denied", microphone: "denied" } as const;
const granted = { camera: "granted", microphone: "granted" } as const;
const unknown = { camera: "unknown", microphone: "unknown" } as const;

const cases: [promise: string, facts: Partial<FailureFacts>, expected: CaptureError][] = [
  [
    "an http address on the network is insecure, whatever else is missing",
    { isSecureContext: false, hasMediaDevices: false, error: undefined, inAppName: "LINE" },
    { kind: "insecure-address" },
  ],
  [
    "a browser without the API is unsupported, and the API is named",
    { hasMediaDevices: false, error: undefined },
    { kind: "unsupported-browser", missing: "getUserMedia" },
  ],
  [
    "a browser that cannot encode is unsupported, and the API is named",
    { hasEncoder: false, error: undefined },
    { kind: "unsupported-browser", missing: "MediaRecorder" },
  ],
  [
    "an app without the API is an in-app browser",
    { hasMediaDevices: false, error: undefined, inAppName: "Instagram" },
    { kind: "in-app-browser", appName: "Instagram" },
  ],
  [
    "Chromium's closed prompt can be tried again",
    { error: { name: "NotAllowedError", message: "Permission dismissed" } },
    { kind: "dismissed" },
  ],
  [
    "a prompt closed inside an app can be tried again there",
    { error: { name: "NotAllowedError", message: "Permission dismissed" }, inAppName: "Facebook" },
    { kind: "dismissed" },
  ],
  [
    "Chromium's remembered no is a denial of both",
    { error: { name: "NotAllowedError", message: "Permission denied" }, permissions: denied, elapsedMs: 5 },
    { kind: "denied", device: "both" },
  ],
  [
    "Chromium's no is a denial even while the permission state lags behind",
    { error: { name: "NotAllowedError", message: "Permission denied" } },
    { kind: "denied", device: "both" },
  ],
  [
    "a block of the camera alone is named",
    {
      error: { name: "NotAllowedError", message: "Permission denied" },
      permissions: { camera: "denied", microphone: "granted" },
    },
    { kind: "denied", device: "camera" },
  ],
  [
    "the only undecided device is the one that was denied",
    {
      error: { name: "NotAllowedError", message: "Permission denied" },
      permissions: { camera: "granted", microphone: "prompt" },
    },
    { kind: "denied", device: "microphone" },
  ],
  [
    "Chromium names the operating system as the blocker",
    { error: { name: "NotAllowedError", message: "Permission denied by system" }, permissions: denied },
    { kind: "blocked-by-system", device: "both" },
  ],
  [
    "granted by the page's settings and refused all the same is the operating system",
    { permissions: granted },
    { kind: "blocked-by-system", device: "both" },
  ],
  [
    "granted and refused for the one device that was asked for is the operating system",
    { asked: ["microphone"], permissions: { camera: "prompt", microphone: "granted" } },
    { kind: "blocked-by-system", device: "microphone" },
  ],
  ["Safari's Don't Allow, after thought, can be tried again", {}, { kind: "dismissed" }],
  ["Safari's instant refusal is a remembered no", { elapsedMs: 12 }, { kind: "denied", device: "both" }],
  [
    "Firefox's Block without remembering can be tried again",
    {
      error: { name: "NotAllowedError", message: "The request is not allowed by the user agent" },
    },
    { kind: "dismissed" },
  ],
  [
    "a refusal where permissions cannot be asked for is shown with the way to undo it",
    { permissions: unknown, elapsedMs: 4000 },
    { kind: "denied", device: "both" },
  ],
  [
    "a refusal inside an app points out of it",
    { permissions: unknown, inAppName: "Instagram" },
    { kind: "in-app-browser", appName: "Instagram" },
  ],
  [
    "a page that may not use media at all counts as denied",
    { error: { name: "SecurityError", message: "" }, elapsedMs: 3 },
    { kind: "denied", device: "both" },
  ],
  [
    "no camera, told by the list of devices",
    { error: { name: "NotFoundError", message: "" }, deviceCounts: { camera: 0, microphone: 2 } },
    { kind: "no-device", missing: "camera" },
  ],
  [
    "WebKit's OverconstrainedError without a constraint is no device",
    {
      error: { name: "OverconstrainedError", message: "Invalid constraint" },
      deviceCounts: { camera: 0, microphone: 0 },
    },
    { kind: "no-device", missing: "both" },
  ],
  [
    "no device, and no list of devices either",
    { error: { name: "NotFoundError", message: "" }, asked: ["microphone"] },
    { kind: "no-device", missing: "microphone" },
  ],
  [
    "Chromium's video source that does not start is a camera in use",
    { error: { name: "NotReadableError", message: "Could not start video source" } },
    { kind: "in-use", device: "camera" },
  ],
  [
    "Firefox's audio source that cannot be allocated is a microphone in use",
    { error: { name: "NotReadableError", message: "Failed to allocate audiosource" } },
    { kind: "in-use", device: "microphone" },
  ],
  [
    "a busy device that is not named may be either",
    { error: { name: "NotReadableError", message: "" } },
    { kind: "in-use", device: "both" },
  ],
  [
    "Firefox's aborted start is a camera in use",
    { error: { name: "AbortError", message: "Starting videoinput failed" } },
    { kind: "in-use", device: "camera" },
  ],
  [
    "an abort inside an app points out of it",
    { error: { name: "AbortError", message: "" }, inAppName: "this app" },
    { kind: "in-app-browser", appName: "this app" },
  ],
  [
    "anything else keeps its name and words",
    { error: { name: "InvalidStateError", message: "The document is not active." } },
    { kind: "failed", name: "InvalidStateError", message: "The document is not active." },
  ],
];

describe("a failed request for camera and microphone", () => {
  it.each(cases)("%s", (_promise, facts, expected) => {
    expect(classifyFailure({ ...BLANK, ...facts })).toEqual(expected);
  });
});
