export { AudioVisualizer } from "./AudioVisualizer";
export type * from "./types";
