/** The face of audio: samples on their way to an encoder, and the encoder by WebCodecs. */
export { WebCodecsAudioEncoder } from "./encoder";
export type { PcmInput } from "./pcm-input";
export { loadPcmWorklet, openPcmSource } from "./pcm-source";
