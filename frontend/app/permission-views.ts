/**
 * From the session's states to what the first screen takes; what differs is said here.
 */
import type { BackendProblem } from "@/components/BackendNotice";
import type { PermissionState } from "@/components/PermissionGate";
import type { BackendFinding } from "@/lib/session/backend-check";
import type { PermissionPhase } from "@/lib/session/session";

export function permissionState(state: PermissionPhase): PermissionState {
  switch (state.kind) {
    case "in-use":
      return { kind: "in-use", device: state.device === "both" ? "unknown" : state.device };
    case "insecure-address":
      return { kind: "insecure-address", address: location.origin };
    case "before-asking":
    case "asking":
    case "unanswered":
    case "dismissed":
    case "denied":
    case "blocked-by-system":
    case "no-device":
    case "unsupported-browser":
    case "in-app-browser":
    case "failed":
      return state;
  }
}

export function backendProblem(finding: BackendFinding | null): BackendProblem | null {
  switch (finding) {
    case null:
    case "answers":
      return null;
    case "refuses-origin":
      return { kind: finding, origin: location.origin };
    case "silent":
    case "not-a-backend":
      return { kind: finding };
  }
}
