export { ConnectionBadge } from "./ConnectionBadge";
export type * from "./types";
