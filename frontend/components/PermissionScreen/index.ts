export { PermissionScreen } from "./PermissionScreen";
export type * from "./types";
