export type * from "./types";
export { VideoCapture } from "./VideoCapture";
