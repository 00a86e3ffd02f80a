export { Motion } from "./Motion";
export type * from "./types";
