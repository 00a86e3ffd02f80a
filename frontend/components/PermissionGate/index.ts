export { PermissionGate } from "./PermissionGate";
export type * from "./types";
