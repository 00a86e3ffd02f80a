export { VideoCapture } from "./VideoCapture";
export type * from "./types";
