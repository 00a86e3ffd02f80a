import type { MuxerFactory } from "./muxer";

/** Loads the muxer's code; rejects where it cannot be had, for instance because the app was deployed anew. */
export const loadMuxer = async (): Promise<MuxerFactory> => (await import("./matroska")).createMuxer;
