export { Duration } from "./Duration";
export type * from "./types";
