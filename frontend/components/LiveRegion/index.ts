export { LiveRegion } from "./LiveRegion";
export type * from "./types";
