/** The page's loudspeaker, which plays one phone at a time. Made by a click: browsers play nothing before one. */
import type { SoundCommand } from "../play/sound";

export interface OpenSound {
  /** Samples go in here, and reports come out; for a phone's worker. */
  readonly port: MessagePort;
  readonly sampleRate: number;
  /** From the audio thread to the ear, as far as the browser knows. */
  readonly latencyMs: number;
  close(): void;
}

export class SoundOutput {
  #context: AudioContext | null = null;
  #loaded: Promise<void> | null = null;

  /** Rejects where there is no Web Audio, or where it may not play. */
  async open(): Promise<OpenSound> {
    const context = this.#context ?? new AudioContext({ latencyHint: "interactive" });
    this.#context = context;
    // In the click's own task: Safari counts nothing later as the click's.
    const resumed = context.resume();
    this.#loaded ??= context.audioWorklet.addModule(
      new URL("../play/sound-worklet.js", import.meta.url).toString(),
    );
    // What could not be fetched is asked for again by the next click.
    this.#loaded.catch(() => {
      this.#loaded = null;
    });
    await Promise.all([resumed, this.#loaded]);
    const node = new AudioWorkletNode(context, "twincast-sound", {
      numberOfInputs: 0,
      outputChannelCount: [2],
    });
    node.connect(context.destination);
    const { port1, port2 } = new MessageChannel();
    const tell = (command: SoundCommand, transfer: Transferable[] = []) =>
      node.port.postMessage(command, transfer);
    tell({ kind: "connect", port: port1 }, [port1]);
    return {
      port: port2,
      sampleRate: context.sampleRate,
      // Some browsers know only the first part, and some neither.
      latencyMs: 1e3 * (context.outputLatency || context.baseLatency || 0),
      close: () => {
        tell({ kind: "stop" });
        node.disconnect();
      },
    };
  }

  close(): void {
    this.#context?.close().catch(() => {});
    this.#context = null;
    this.#loaded = null;
  }
}
