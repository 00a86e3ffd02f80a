import type { ReactNode } from "react";

export type PermissionScreenProps = {
  /** Above the gate: BackendNotice, where there is something to say. */
  notice?: ReactNode;
  /** PermissionGate. */
  gate: ReactNode;
  /** On a screen that is wide enough, beside the gate: OpenOnPhone. */
  aside?: ReactNode;
  /** Over the name: Toasts, LiveRegion. */
  notices?: ReactNode;
};
