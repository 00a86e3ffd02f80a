/** The face of video: frames on their way to an encoder, and the encoder by WebCodecs. */
export { type VideoCodecChoice, WebCodecsVideoEncoder } from "./encoder";
export type { FrameDetails, FrameInput } from "./frame-input";
export { openFrameSource } from "./frame-source";
