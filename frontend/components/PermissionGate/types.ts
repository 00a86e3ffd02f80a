/** Why there is no camera and microphone yet. */
export type PermissionState =
  | { kind: "before-asking" }
  | { kind: "asking" }
  | { kind: "unanswered" }
  | { kind: "dismissed" }
  | { kind: "denied" }
  | { kind: "blocked-by-system" }
  | { kind: "no-device"; missing: "camera" | "microphone" | "both" }
  | { kind: "in-use"; device: "camera" | "microphone" | "unknown" }
  /** `address`: the https:// one to open where it is known, else the one that was opened. */
  | { kind: "insecure-address"; address: string }
  | { kind: "unsupported-browser"; missing: string }
  | { kind: "in-app-browser"; appName: string | null }
  | { kind: "failed"; name: string; message: string };

/** What decides which menus a person is told to open. */
export type Platform =
  | "ios-safari"
  | "ios-chrome"
  | "ios-other"
  | "android-chrome"
  | "android-samsung"
  | "android-firefox"
  | "android-other"
  | "desktop-chrome"
  | "desktop-safari"
  | "desktop-firefox"
  | "desktop-other";

export type PermissionGateProps = {
  state: PermissionState;
  platform: Platform;
  /** The backend's host, where the media goes, e.g. `twincast.example.com`. */
  host: string;
  onAsk: () => void;
  onCopyLink: () => void;
  /** Go on with the one device that is there. Absent where the page cannot. */
  onContinueWith?: (kind: "camera" | "microphone") => void;
};
