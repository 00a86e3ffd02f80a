/**
 * What capture gives of no room of its own: the choice of an encoder by a probe, what a segment says of its source, and
 * who takes its chunks. `devices`, `video`, `audio`, `recorder` and `encode` have a face each, and `probe` is one: the page
 * loads this file at once, and a probe is for the worker.
 */
export { chooseEncoder, type Tier } from "./choose";
export type { Probed, ProbedAudio, ProbedVideo, VideoTarget } from "./probe";
export { facingOf, trackDetails } from "./segment-details";
export { trackProcessor } from "./track-processor";
export type { ChunkSink, Size } from "./types";
