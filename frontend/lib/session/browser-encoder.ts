/**
 * Makes the encoder of one stream in this browser: WebCodecs beside the sender where a probe encoded for real,
 * MediaRecorder on the page where not, and MediaRecorder again should WebCodecs break later.
 */
import type { AudioInput } from "../capture/audio-input";
import { chooseEncoder, type Tier } from "../capture/choose-encoder";
import type { Cadence } from "../capture/chunk-batcher";
import type { EncoderError, StreamEncoder } from "../capture/encoder";
import { FallbackEncoder } from "../capture/fallback-encoder";
import { browserRecorderEngine, MediaRecorderEncoder } from "../capture/media-recorder";
import type { Probed } from "../capture/probe";
import type { StreamKind } from "../capture/types";
import type { Size } from "../capture/upright";
import type { VideoCodecChoice } from "../capture/webcodecs-video";
import type { EncodeCommand, EncodeEvent } from "./encoder-host";
import { type RemoteChoice, RemoteEncoder } from "./remote-encoder";

export interface EncoderSettings {
  readonly tier: Tier;
  readonly cadence: Cadence;
  readonly maxSize: Size;
  readonly frameRate: number;
  readonly videoBitsPerSecond: number;
  readonly audioBitsPerSecond: number;
}

export interface EncoderNeeds {
  readonly kind: StreamKind;
  readonly settings: EncoderSettings;
  /** The microphone inside Web Audio; null where the browser cannot. */
  readonly input: AudioInput | null;
  readonly send: (command: EncodeCommand) => void;
  readonly listen: (listener: (event: EncodeEvent) => void) => void;
  /** Encoding ended after it had begun, and nothing else can be tried. */
  readonly onFailure: (error: EncoderError) => void;
}

/** @throws EncoderError `unsupported` when this browser cannot encode the kind at all. */
export async function createEncoder(needs: EncoderNeeds): Promise<StreamEncoder<MediaStreamTrack>> {
  const { kind, settings, onFailure } = needs;
  const bitsPerSecond = kind === "video" ? settings.videoBitsPerSecond : settings.audioBitsPerSecond;
  const record = (reason: string, whenItFails: (error: EncoderError) => void) =>
    new MediaRecorderEncoder({ kind, bitsPerSecond, reason, onFailure: whenItFails });
  const hasMediaRecorder = browserRecorderEngine() !== undefined;
  const chosen = await chooseEncoder<RemoteChoice>({
    kind,
    tier: settings.tier,
    hasMediaRecorder,
    probe: () => probe(needs),
  });
  if (chosen.name === "media-recorder") return record(chosen.reason, onFailure);
  const encodeBesideSender = (whenItFails: (error: EncoderError) => void) => {
    const encoder = new RemoteEncoder({
      use: chosen.choice,
      bitsPerSecond,
      cadence: settings.cadence,
      reason: chosen.reason,
      send: needs.send,
      onFailure: whenItFails,
    });
    needs.listen((event) => encoder.hear(event));
    return encoder;
  };
  if (settings.tier === "webcodecs" || !hasMediaRecorder) return encodeBesideSender(onFailure);
  return new FallbackEncoder({ first: encodeBesideSender, second: record, onFailure });
}

/** Has the encoder's side encode a few frames or samples. */
async function probe(needs: EncoderNeeds): Promise<Probed<RemoteChoice>> {
  const { kind, settings, input } = needs;
  if (kind === "audio" && !input) return { kind: "fails", reason: "no AudioContext" };
  const { maxSize: size, frameRate } = settings;
  const answer = new Promise<Extract<EncodeEvent, { kind: "probed" }>>((resolve) => {
    needs.listen((event) => {
      if (event.kind === "probed") resolve(event);
    });
  });
  needs.send({
    kind: "probe",
    wish:
      kind === "video"
        ? { stream: "video", size, frameRate, bitsPerSecond: settings.videoBitsPerSecond }
        : {
            stream: "audio",
            sampleRate: input?.context.sampleRate ?? 48_000,
            bitsPerSecond: settings.audioBitsPerSecond,
          },
  });
  const { result, hasTrackProcessor } = await answer;
  if (result.kind === "fails") return result;
  if (kind === "audio" && input) return { ...result, choice: { stream: "audio", input } };
  // The wish was for video, so the choice is one.
  const choice = result.choice as VideoCodecChoice;
  return {
    ...result,
    choice: { stream: "video", choice, maxSize: size, frameRate, hasTrackProcessor },
  };
}
