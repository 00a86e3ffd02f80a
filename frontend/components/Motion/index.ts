export { Motion, useEntrance } from "./Motion";
export type * from "./types";
