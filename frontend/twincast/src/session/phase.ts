import type { PermissionState } from "../model/permission";

/** Where a session stands, as this page knows it. */
export type SessionPhase =
  | { readonly kind: "permission"; readonly state: PermissionState }
  | { readonly kind: "ready" }
  | { readonly kind: "starting" }
  | { readonly kind: "live"; readonly startedAt: number }
  | { readonly kind: "finishing" | "ended"; readonly durationMs: number };
