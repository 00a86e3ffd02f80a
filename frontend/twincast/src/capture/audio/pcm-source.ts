import type { AudioInput } from "../devices/audio-input";
import { trackProcessor } from "../track-processor";
import { PCM_STOP, type PcmInput } from "./pcm-input";

export interface PcmSource {
  /** `track`: it reads one microphone, and another one needs another source. */
  readonly by: PcmInput["by"];
  close(): void;
}

export interface PcmSourceOptions {
  /** Takes the input to the encoder: `worker.postMessage(..., transfer)`, or a call where both share a thread. */
  readonly post: (input: PcmInput, transfer: Transferable[]) => void;
  /** The worklet's address; by default the one that the bundler gave it. */
  readonly workletUrl?: URL | string;
}

/** A second of Chromium's 10 ms: as much as waits for an encoder whose thread is busy. */
const MAX_BUFFERED = 100;

/**
 * Opens a second way out of the microphone: its samples, for an encoder of our own.
 * 1. Chromium: the page makes the stream of samples and hands it over whole. 20 ms sooner than by Web Audio, which
 *    keeps that much of a microphone's sound back so that its own clock never runs dry.
 * 2. Elsewhere: an AudioWorklet. A microphone that is taken again (`AudioInput.setTrack`) goes on through it.
 *
 * @throws where the engine has no AudioWorklet, or where its code does not load.
 */
export async function openPcmSource(
  input: AudioInput,
  track: MediaStreamTrack,
  options: PcmSourceOptions,
): Promise<PcmSource> {
  const { context } = input;
  const fromTrack = soundOf(track, context.sampleRate);
  if (fromTrack) {
    options.post(fromTrack, [fromTrack.sound as unknown as Transferable]);
    // The encoder cancels the stream, and the track is not ours to end.
    return { by: "track", close: () => {} };
  }
  if (input.state === "closed") throw new Error("Web Audio does not take this microphone.");
  await loadPcmWorklet(context, options.workletUrl);
  const { port1, port2 } = new MessageChannel();
  const node = new AudioWorkletNode(context, "twincast-pcm", {
    numberOfInputs: 1,
    // No way out, so that nothing is ever played back; engines pull a worklet without one.
    numberOfOutputs: 0,
  });
  node.port.postMessage(port1, [port1]);
  const disconnect = input.connect(node);
  options.post({ by: "worklet", port: port2, sampleRate: context.sampleRate }, [port2]);
  return {
    by: "worklet",
    close() {
      disconnect();
      node.port.postMessage(PCM_STOP);
      node.port.close();
    },
  };
}

/** Fetches the worklet's code; a context that has it fetches nothing. Rejects where there is none to be had. */
export async function loadPcmWorklet(
  context: BaseAudioContext,
  url: URL | string = new URL("./pcm-worklet.js", import.meta.url),
): Promise<void> {
  await context.audioWorklet.addModule(url.toString());
}

/**
 * Not of a clone of the track: muting is said to the track, and a clone would go on listening.
 *
 * @param sampleRate what encoders were probed with; a microphone of another rate is left to Web Audio, which resamples.
 */
function soundOf(
  track: MediaStreamTrack,
  sampleRate: number,
): Extract<PcmInput, { by: "track" }> | undefined {
  const Processor = trackProcessor<AudioData>();
  if (!Processor || track.getSettings().sampleRate !== sampleRate) return undefined;
  try {
    return { by: "track", sound: new Processor({ track, maxBufferSize: MAX_BUFFERED }).readable, sampleRate };
  } catch {
    // The standard's processor is for pictures only: https://w3c.github.io/mediacapture-transform/
    return undefined;
  }
}
