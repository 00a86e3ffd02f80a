/**
 * The WebCodecs encoders behind one face. A module of its own: only where an encoder is tried is its code fetched.
 */

import { type AudioRate, isPictureRate, type PictureRate } from "../adaptation";
import { type ChunkSink, type ProbedAudio, type ProbedVideo, trackProcessor } from "../capture";
import { WebCodecsAudioEncoder } from "../capture/audio";
import type { EncoderError, EncoderStats } from "../capture/encode";
import { probeAudio, probeVideo } from "../capture/probe";
import { type FrameDetails, WebCodecsVideoEncoder } from "../capture/video";
import type { EncodePlan, EncoderInput, ProbeRequest } from "./commands";

/** An encoder of either kind; see `StreamEncoder`. */
export interface HostEncoder {
  start(input: EncoderInput, sink: ChunkSink): Promise<void>;
  newSegment(input?: EncoderInput): void;
  /** Lets go of the input; the encoder waits for another one by `newSegment`. */
  release(): void;
  setDetails(details: FrameDetails): void;
  /** Takes effect with the next frame or sample. */
  setRate(rate: PictureRate | AudioRate): void;
  stop(): Promise<void>;
  stats(): EncoderStats;
}

export interface Codecs {
  readonly hasTrackProcessor: boolean;
  /** Encodes a few frames or samples for real. */
  probe(request: ProbeRequest): Promise<ProbedVideo | ProbedAudio>;
  create(plan: EncodePlan, onFailure: (error: EncoderError) => void): HostEncoder;
}

export const browserCodecs: Codecs = {
  get hasTrackProcessor() {
    return trackProcessor() !== undefined;
  },
  probe: (request) =>
    request.stream === "video" ? probeVideo(request) : probeAudio(request.sampleRate, request.bitsPerSecond),
  create(plan, onFailure) {
    if (plan.stream === "video") {
      const encoder = new WebCodecsVideoEncoder({ ...plan, onFailure });
      return {
        start: (input, sink) => encoder.start(framesIn(input), sink),
        newSegment: (input) => encoder.newSegment(input && framesIn(input)),
        release: () => encoder.release(),
        setDetails: (details) => encoder.setDetails(details),
        setRate: (rate) => {
          if (isPictureRate(rate)) encoder.setPicture(rate);
        },
        stop: () => encoder.stop(),
        stats: () => encoder.stats(),
      };
    }
    const encoder = new WebCodecsAudioEncoder({ ...plan, onFailure });
    return {
      start: (input, sink) => encoder.start(samplesIn(input), sink),
      newSegment: (input) => encoder.newSegment(input && samplesIn(input)),
      release: () => encoder.release(),
      setDetails: () => {},
      setRate: ({ bitsPerSecond }) => void encoder.setBitrate(bitsPerSecond),
      stop: () => encoder.stop(),
      stats: () => encoder.stats(),
    };
  },
};

function framesIn(input: EncoderInput) {
  if ("from" in input) return input;
  throw new TypeError("samples came where frames are encoded");
}

function samplesIn(input: EncoderInput) {
  if ("by" in input) return input;
  throw new TypeError("frames came where samples are encoded");
}
