export { Sparkline } from "./Sparkline";
export type * from "./types";
