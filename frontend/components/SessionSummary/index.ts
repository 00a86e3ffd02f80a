export { SessionSummary } from "./SessionSummary";
export type * from "./types";
