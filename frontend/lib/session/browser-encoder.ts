/**
 * Makes the encoder of one stream in this browser: WebCodecs beside the sender where a probe encoded for real,
 * MediaRecorder on the page where not, and MediaRecorder again should WebCodecs break later.
 */
import { chooseEncoder } from "../capture/choose";
import type { EncoderError, StreamEncoder } from "../capture/encode/encoder";
import { FallbackEncoder } from "../capture/fallback-encoder";
import type { Probed } from "../capture/probe";
import { browserRecorderEngine, MediaRecorderEncoder } from "../capture/recorder/media-recorder";
import type { VideoCodecChoice } from "../capture/video/encoder";
import type { EncodeEvent } from "./encoder-host";
import type { RemoteChoice } from "./remote-encoder";
import type { EncoderSeat } from "./stream-session";

/** @throws EncoderError `unsupported` when this browser cannot encode the kind at all. */
export async function createEncoder(seat: EncoderSeat): Promise<StreamEncoder<MediaStreamTrack>> {
  const { kind, settings, onFailure } = seat;
  const bitsPerSecond = kind === "video" ? settings.videoBitsPerSecond : settings.audioBitsPerSecond;
  const { cadence } = settings;
  const timeslice = cadence === "realtime" ? {} : { timesliceMs: cadence.everyMs };
  const record = (reason: string, whenItFails: (error: EncoderError) => void) =>
    new MediaRecorderEncoder({ kind, bitsPerSecond, reason, onFailure: whenItFails, ...timeslice });
  const hasMediaRecorder = browserRecorderEngine() !== undefined;
  const chosen = await chooseEncoder<RemoteChoice>({
    kind,
    tier: settings.tier,
    hasMediaRecorder,
    probe: () => probe(seat),
  });
  if (chosen.name === "media-recorder") return record(chosen.reason, onFailure);
  // Only where it is used: with it come the ways that frames and samples take to a worker.
  const { RemoteEncoder } = await import("./remote-encoder");
  const encodeBesideSender = (whenItFails: (error: EncoderError) => void) => {
    const encoder = new RemoteEncoder({
      use: chosen.choice,
      bitsPerSecond,
      cadence,
      reason: chosen.reason,
      send: seat.send,
      onFailure: whenItFails,
    });
    seat.listen((event) => encoder.hear(event));
    return encoder;
  };
  if (settings.tier === "webcodecs" || !hasMediaRecorder) return encodeBesideSender(onFailure);
  return new FallbackEncoder({ first: encodeBesideSender, second: record, onFailure });
}

/** Has the encoder's side encode a few frames or samples. */
async function probe(seat: EncoderSeat): Promise<Probed<RemoteChoice>> {
  const { kind, settings, input } = seat;
  if (kind === "audio" && !input) return { kind: "fails", reason: "no AudioContext" };
  const { size, frameRate } = settings;
  const answer = new Promise<Extract<EncodeEvent, { kind: "probed" }>>((resolve) => {
    seat.listen((event) => {
      if (event.kind === "probed") resolve(event);
    });
  });
  seat.send({
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
