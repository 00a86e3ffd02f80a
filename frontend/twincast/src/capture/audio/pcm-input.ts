/**
 * Where an audio encoder gets its samples from, in a form that can be posted to a worker; `openPcmSource` makes it, and
 * `readPcm` reads it.
 */
export type PcmInput =
  /** Straight from the audio thread: the port gives `PcmBlock`s. */
  | { readonly by: "worklet"; readonly port: MessagePort; readonly sampleRate: number }
  /** Straight from the microphone's track, where the engine has `MediaStreamTrackProcessor` for sound. */
  | { readonly by: "track"; readonly sound: ReadableStream<AudioData>; readonly sampleRate: number };

/** A stretch of one channel of sound. The worklet posts it; keep the two in step. */
export interface PcmBlock {
  /** -1 to 1; `PCM_BLOCK_MS` of it. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** The first sample's number since the source began. */
  readonly position: number;
  /** When the block was full, ms since the epoch. */
  readonly at: number;
}

/** What the encoder posts when it wants no more; the worklet then ends. */
export const PCM_STOP = "stop";

/** A frame of Opus, and of many an encoder that stamps packets with the time of the block that they came from. */
export const PCM_BLOCK_MS = 20;
