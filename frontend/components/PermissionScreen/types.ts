import type { ReactNode } from "react";

export type PermissionScreenProps = {
  /** PermissionGate, and above it a BackendNotice where there is one. */
  gate: ReactNode;
  /** Over the name: Toasts, LiveRegion. */
  notices?: ReactNode;
};
