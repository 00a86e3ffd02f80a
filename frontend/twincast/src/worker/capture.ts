/**
 * What the page has a part in, whatever encodes: the ways that frames and samples take to a worker, and the recorder.
 * A module of its own: fetched after the permission, while the person looks at the preview.
 */

import { trackDetails, trackProcessor } from "../capture";
import { loadPcmWorklet, openPcmSource } from "../capture/audio";
import type { AudioInput } from "../capture/devices";
import type { EncoderError, StreamEncoder } from "../capture/encode";
import { browserRecorderEngine, MediaRecorderEncoder } from "../capture/recorder";
import { openFrameSource } from "../capture/video";
import type { StreamKind } from "../model/stream";
import type { EncoderInput } from "./commands";

/** The page's end of what an encoder in the worker reads. */
export interface InputSource {
  /** Whether another track goes on through it. */
  readonly takesTracks: boolean;
  /** Lets go of everything that the page has of it. */
  close(): void;
}

export interface SourceRequest {
  readonly track: MediaStreamTrack;
  /** The microphone inside Web Audio; null for video. */
  readonly sound: AudioInput | null;
  readonly workerHasTrackProcessor: boolean;
  /** Takes the input to the worker. */
  readonly post: (input: EncoderInput) => void;
}

export interface RecorderRequest {
  readonly kind: StreamKind;
  readonly bitsPerSecond: number;
  readonly timesliceMs?: number;
  readonly reason: string;
  readonly onFailure: (error: EncoderError) => void;
}

export interface PageCapture {
  readonly hasRecorder: boolean;
  createRecorder(request: RecorderRequest): StreamEncoder<MediaStreamTrack>;
  /** Fetches what `openSource` needs, so that Start does not have to. */
  warmUp(sound: AudioInput | null): Promise<void>;
  /** Rejects where there is no way for the track's media to the worker. */
  openSource(request: SourceRequest): Promise<InputSource>;
}

export const browserCapture: PageCapture = {
  get hasRecorder() {
    return browserRecorderEngine() !== undefined;
  },
  createRecorder: (request) => new MediaRecorderEncoder(request),
  warmUp: async (sound) => {
    // Where tracks can be read on the page, sound takes that way, and the worklet is seldom needed.
    if (sound && !trackProcessor()) await loadPcmWorklet(sound.context);
  },
  openSource: async ({ track, sound, workerHasTrackProcessor, post }) => {
    if (sound) {
      const { by, close } = await openPcmSource(sound, track, { post });
      return { takesTracks: by === "worklet", close };
    }
    const { close } = openFrameSource(track, {
      details: trackDetails(track),
      encoderHasTrackProcessor: workerHasTrackProcessor,
      post,
    });
    return { takesTracks: false, close };
  },
};
