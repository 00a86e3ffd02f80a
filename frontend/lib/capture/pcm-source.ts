import type { AudioInput } from "./audio-input";
import { PCM_STOP, type PcmInput } from "./pcm-input";

export interface PcmSource {
  close(): void;
}

export interface PcmSourceOptions {
  /** Takes the input to the encoder: `worker.postMessage(..., transfer)`, or a call where both share a thread. */
  readonly post: (input: PcmInput, transfer: Transferable[]) => void;
  /** The worklet's address; by default the one that the bundler gave it. */
  readonly workletUrl?: URL | string;
}

/**
 * Opens a second way out of the microphone: its samples, for an encoder of our own. A microphone that is taken again
 * (`AudioInput.setTrack`) goes on through the same source.
 *
 * @throws where the engine has no AudioWorklet, or where its code does not load.
 */
export async function openPcmSource(input: AudioInput, options: PcmSourceOptions): Promise<PcmSource> {
  const { context } = input;
  const url = options.workletUrl ?? new URL("./pcm-worklet.js", import.meta.url);
  await context.audioWorklet.addModule(url.toString());
  const { port1, port2 } = new MessageChannel();
  const node = new AudioWorkletNode(context, "twincast-pcm", {
    numberOfInputs: 1,
    // No way out, so that nothing is ever played back; engines pull a worklet without one.
    numberOfOutputs: 0,
  });
  node.port.postMessage(port1, [port1]);
  const disconnect = input.connect(node);
  options.post({ port: port2, sampleRate: context.sampleRate }, [port2]);
  return {
    close() {
      disconnect();
      node.port.postMessage(PCM_STOP);
      node.port.close();
    },
  };
}
