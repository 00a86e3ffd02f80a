import type { PermissionState, Platform } from "@/model/permission";

export type PermissionGateProps = {
  state: PermissionState;
  platform: Platform;
  /** The backend's host, where the media goes, e.g. `twincast.example.com`. */
  host: string;
  /** Scheme and host of this page, e.g. `https://twincast.example.com`. */
  pageOrigin: string;
  onAsk: () => void;
  onCopyLink: () => void;
};
