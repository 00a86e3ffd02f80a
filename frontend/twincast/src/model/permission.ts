import type { Device } from "./device";

/**
 * Why there is no stream. One screen each, so the kinds are what a person can do something about, not what a browser
 * happens to throw.
 */
export type CaptureError =
  /** The prompt was closed, or denied in a way that lets the page ask again. */
  | { readonly kind: "dismissed" }
  /** The browser keeps a "no" for this page: asking again shows nothing. */
  | { readonly kind: "denied"; readonly device: Device | "both" }
  /** The page may, but the browser itself may not: the operating system's privacy settings. */
  | { readonly kind: "blocked-by-system"; readonly device: Device | "both" }
  /** The page stands in a frame of another one, which does not pass it on: no person has refused anything. */
  | { readonly kind: "blocked-by-frame"; readonly device: Device | "both" }
  | { readonly kind: "no-device"; readonly missing: Device | "both" }
  /** There is a device, and something else holds it. */
  | { readonly kind: "in-use"; readonly device: Device | "both" }
  /** Browsers hand out cameras only over https and to localhost. */
  | { readonly kind: "insecure-address" }
  /** This page's own address would do, and that of the page around it does not. */
  | { readonly kind: "insecure-frame" }
  /** `missing` names the Web API. */
  | { readonly kind: "unsupported-browser"; readonly missing: string }
  /** Failed inside another app's built-in browser, which may never be allowed to. */
  | { readonly kind: "in-app-browser"; readonly appName: string }
  | { readonly kind: "failed"; readonly name: string; readonly message: string };

/** Where the question for camera and microphone stands, until there is at least one of them. */
export type PermissionState =
  | { readonly kind: "before-asking" }
  /** The browser's question is open. */
  | { readonly kind: "asking" }
  /** It has been open for long: the person may not see it. */
  | { readonly kind: "unanswered" }
  | CaptureError;

/** What decides which menus a person is told to open. */
export const PLATFORMS = [
  "ios-safari",
  "ios-chrome",
  "ios-other",
  "android-chrome",
  "android-samsung",
  "android-firefox",
  "android-other",
  "desktop-chrome",
  "desktop-safari",
  "desktop-firefox",
  "desktop-other",
] as const;

/** One of `PLATFORMS`. */
export type Platform = (typeof PLATFORMS)[number];
