/** Packets to sound, while somebody listens. What waits does so on the audio thread, which bounds it. */
import type { Track } from "../container/packets";
import type { SoundCommand } from "./sound";
import { fromUs, type TimedPacket, toUs } from "./timed-packet";

export interface SoundPlayerOptions {
  readonly createDecoder: (init: AudioDecoderInit) => AudioDecoder;
  /** This browser cannot decode it; nothing is heard until the next track. */
  readonly onFailure: (detail: string) => void;
}

export interface SoundOutput {
  readonly port: Pick<MessagePort, "postMessage">;
  /** Of the audio context, Hz. */
  readonly sampleRate: number;
}

/** A decoder with so many packets is slower than the stream. */
const MAX_IN_DECODER = 100;

type State =
  | { readonly kind: "no-track" }
  | { readonly kind: "ready"; readonly track: Track }
  | { readonly kind: "decoding"; readonly track: Track; readonly decoder: AudioDecoder }
  | { readonly kind: "failed" };

export class SoundPlayer {
  readonly #options: SoundPlayerOptions;
  #state: State = { kind: "no-track" };
  #output: SoundOutput | null = null;
  #targetMs = 0;

  constructor(options: SoundPlayerOptions) {
    this.#options = options;
  }

  /** @param output where sound goes; null while nobody listens. */
  listen(output: SoundOutput | null): void {
    this.#post({ kind: "clear" });
    this.#output = output;
    this.#targetMs = 0;
    this.#close();
  }

  track(track: Track): void {
    this.#close();
    this.#state = { kind: "ready", track };
  }

  rejoin(): void {
    this.#close();
    this.#post({ kind: "clear" });
  }

  /** How much sound shall wait on the audio thread. */
  target(ms: number): void {
    if (Math.abs(ms - this.#targetMs) < 5) return;
    this.#targetMs = ms;
    this.#post({ kind: "target", ms });
  }

  packet(packet: TimedPacket): void {
    if (!this.#output) return;
    if (this.#state.kind === "ready") this.#state = this.#begin(this.#state.track);
    if (this.#state.kind !== "decoding" || this.#state.decoder.decodeQueueSize > MAX_IN_DECODER) return;
    const { decoder } = this.#state;
    try {
      decoder.decode(
        new EncodedAudioChunk({ type: "key", timestamp: toUs(packet.capturedAt), data: packet.data }),
      );
    } catch (cause) {
      this.#broke(decoder, String(cause));
    }
  }

  close(): void {
    this.listen(null);
    this.#state = { kind: "no-track" };
  }

  #begin(track: Track): State {
    try {
      const decoder: AudioDecoder = this.#options.createDecoder({
        output: (data) => this.#decoded(data),
        error: (error) => this.#broke(decoder, String(error)),
      });
      decoder.configure({
        codec: track.codec ?? "",
        sampleRate: track.sampleRate,
        numberOfChannels: track.channels,
        ...(track.description && { description: track.description }),
      });
      return { kind: "decoding", track, decoder };
    } catch (cause) {
      // Some browsers have none of this kind at all: Safari before 26 has only the one for pictures.
      this.#options.onFailure(String(cause));
      return { kind: "failed" };
    }
  }

  #decoded(data: AudioData): void {
    const capturedAt = fromUs(data.timestamp);
    const output = this.#output;
    const samples = output && resampled(mono(data), data.sampleRate, output.sampleRate);
    data.close();
    if (samples) this.#post({ kind: "samples", samples, capturedAt }, [samples.buffer]);
  }

  #broke(decoder: AudioDecoder, detail: string): void {
    if (this.#state.kind !== "decoding" || this.#state.decoder !== decoder) return;
    this.#close();
    this.#state = { kind: "failed" };
    this.#options.onFailure(detail);
  }

  #close(): void {
    if (this.#state.kind !== "decoding") return;
    const { decoder, track } = this.#state;
    this.#state = { kind: "ready", track };
    // One that broke is closed already.
    if (decoder.state !== "closed") decoder.close();
  }

  #post(command: SoundCommand, transfer: Transferable[] = []): void {
    this.#output?.port.postMessage(command, transfer);
  }
}

/** The mean of all channels. */
function mono(data: AudioData): Float32Array<ArrayBuffer> {
  const { numberOfChannels, numberOfFrames } = data;
  const sum = new Float32Array(numberOfFrames);
  const plane = new Float32Array(numberOfFrames);
  for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex++) {
    data.copyTo(plane, { planeIndex, format: "f32-planar" });
    for (let i = 0; i < numberOfFrames; i++) sum[i] = (sum[i] ?? 0) + (plane[i] ?? 0) / numberOfChannels;
  }
  return sum;
}

/** Along straight lines, which is good enough for a voice: phones send what loudspeakers take, nearly always. */
export function resampled(
  samples: Float32Array<ArrayBuffer>,
  fromHz: number,
  toHz: number,
): Float32Array<ArrayBuffer> {
  if (fromHz === toHz) return samples;
  const step = fromHz / toHz;
  return Float32Array.from({ length: Math.round(samples.length / step) }, (_, n) => {
    const before = Math.floor(n * step);
    const share = n * step - before;
    const first = samples[before] ?? samples.at(-1) ?? 0;
    return first + share * ((samples[before + 1] ?? first) - first);
  });
}
