import type { Device, PermissionState, Platform } from "twincast";

export type PermissionGateProps = {
  state: PermissionState;
  platform: Platform;
  /** The backend's host, where the media goes, e.g. `twincast.example.com`. */
  host: string;
  /** Scheme and host of this page, e.g. `https://twincast.example.com`. */
  pageOrigin: string;
  /** @param without a device that the person goes on without. */
  onAsk: (without?: Device) => void;
  onCopyLink: () => void;
};
