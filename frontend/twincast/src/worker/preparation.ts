/**
 * The choice of one stream's encoder, by what a probe in its worker really encoded: WebCodecs there, or MediaRecorder on
 * the page.
 */

import { chooseEncoder, type Probed, type Tier } from "../capture";
import type { AudioInput, Preset } from "../capture/devices";
import { type Cadence, EncoderError } from "../capture/encode";
import type { VideoCodecChoice } from "../capture/video";
import type { StreamKind } from "../model/stream";
import type { PageCapture } from "./capture";
import type { EncodePlan, ProbeRequest, WorkerEvent } from "./commands";
import type { HostOpeners } from "./open-host";
import { within } from "./timing";

export interface WorkerEnvironment extends HostOpeners {
  /** Fetches the page's part of capture; asked again after a failure. */
  readonly loadCapture: () => Promise<PageCapture>;
}

export interface EncoderSettings extends Preset {
  readonly tier: Tier;
  readonly cadence: Cadence;
}

/** For the worker's answer to a probe, which gives itself 4 s, and for the code of both ends. */
const PROBE_MS = 6_000;
/** What a probe in the worker encoded with, and how the worker can be fed. */
interface WorkerChoice {
  readonly codec: VideoCodecChoice | "opus";
  readonly workerHasTrackProcessor: boolean;
}

export type Plan =
  | { readonly by: "webcodecs"; readonly encode: EncodePlan; readonly workerHasTrackProcessor: boolean }
  | { readonly by: "recorder"; readonly reason: string };

export interface PrepareOptions {
  readonly kind: StreamKind;
  readonly settings: EncoderSettings;
  readonly sound: AudioInput | null;
  readonly environment: WorkerEnvironment;
  /** Has the worker encode a few frames or samples; its answer. */
  readonly probe: (request: ProbeRequest) => Promise<Extract<WorkerEvent, { kind: "probed" }>>;
}

export interface Prepared {
  readonly capture: PageCapture;
  readonly plan: Plan;
}

/** Rejects with an `EncoderError`, after twice `PROBE_MS` at the latest, when there is nothing to encode with. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { kind, settings, environment, sound } = options;
  const { clock } = environment;
  const { tier } = settings;
  const loading = within(clock, PROBE_MS, environment.loadCapture());
  const probing: Promise<Probed<WorkerChoice>> | null = tier === "media-recorder" ? null : probeWith(options);
  // Whether it fails is of no matter where nothing can encode.
  probing?.catch(() => {});
  const capture = await loading.catch((cause: unknown) => {
    throw new EncoderError(kind, "not-loaded", String(cause));
  });
  const chosen = await chooseEncoder<WorkerChoice>({
    kind,
    tier,
    hasMediaRecorder: capture.hasRecorder,
    probe: async () => {
      await within(clock, PROBE_MS, capture.warmUp(sound));
      return probing ?? { kind: "fails", reason: "nothing was asked" };
    },
  });
  const { reason } = chosen;
  if (chosen.name === "media-recorder") return { capture, plan: { by: "recorder", reason } };
  const { codec, workerHasTrackProcessor } = chosen.choice;
  const { videoBitsPerSecond, audioBitsPerSecond, size, frameRate, cadence } = settings;
  const isLastResort = tier === "webcodecs" || !capture.hasRecorder;
  const encode: EncodePlan =
    codec === "opus"
      ? { stream: "audio", bitsPerSecond: audioBitsPerSecond, cadence, reason, isLastResort }
      : {
          stream: "video",
          choice: codec,
          maxSize: size,
          frameRate,
          bitsPerSecond: videoBitsPerSecond,
          cadence,
          reason,
          isLastResort,
        };
  return { capture, plan: { by: "webcodecs", encode, workerHasTrackProcessor } };
}

async function probeWith(options: PrepareOptions): Promise<Probed<WorkerChoice>> {
  const { kind, sound, settings, environment, probe } = options;
  const { size, frameRate, videoBitsPerSecond, audioBitsPerSecond } = settings;
  if (kind === "audio" && !sound) return { kind: "fails", reason: "no AudioContext" };
  const answered = probe(
    sound
      ? { stream: "audio", sampleRate: sound.context.sampleRate, bitsPerSecond: audioBitsPerSecond }
      : { stream: "video", size, frameRate, bitsPerSecond: videoBitsPerSecond },
  );
  const { result, hasTrackProcessor } = await within(environment.clock, PROBE_MS, answered);
  if (result.kind === "fails") return result;
  const { choice: codec, reason } = result;
  return { kind: "works", choice: { codec, workerHasTrackProcessor: hasTrackProcessor }, reason };
}
