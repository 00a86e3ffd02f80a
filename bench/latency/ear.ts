/** Hears what a page plays: listens where it leaves the page, behind everything that is the page's own. */

export interface HeardTone {
  /** When its first samples left for the loudspeaker, ms since the epoch. */
  readonly at: number;
}

/** @returns a script for the page, to run before any of its own. `window.heardTones` has what was heard. */
export function earScript(): string {
  return `(${inPageListen})(${JSON.stringify({ worklet: `(${inWorkletListen})();` })});`;
}

function inPageListen({ worklet }: { worklet: string }): void {
  const heard: HeardTone[] = [];
  (window as unknown as { heardTones: HeardTone[] }).heardTones = heard;
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => AudioNode;
  const code = URL.createObjectURL(new Blob([worklet], { type: "text/javascript" }));
  const loaded = new WeakMap<BaseAudioContext, Promise<void>>();
  AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
    const { context } = this;
    if (to[0] === context.destination) {
      const ready = loaded.get(context) ?? context.audioWorklet.addModule(code);
      loaded.set(context, ready);
      void ready.then(() => {
        const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0 });
        ear.port.onmessage = ({ data }: MessageEvent<number>) =>
          heard.push({ at: data + 1e3 * ((context as AudioContext).outputLatency || 0) });
        connect.call(this, ear);
      });
    }
    return connect.apply(this, to);
  } as typeof AudioNode.prototype.connect;
}

/** Says when something loud begins after a silence. */
function inWorkletListen(): void {
  const LOUD = 0.1;
  const QUIET_MS = 40;
  const scope = globalThis as unknown as {
    sampleRate: number;
    AudioWorkletProcessor: new () => { port: MessagePort };
    registerProcessor(name: string, processor: unknown): void;
  };
  class Ear extends scope.AudioWorkletProcessor {
    quiet = 0;
    process([channels]: Float32Array[][]): boolean {
      const samples = channels?.[0] ?? new Float32Array();
      for (let i = 0; i < samples.length; i++) {
        if (Math.abs(samples[i] ?? 0) < LOUD) {
          this.quiet++;
          continue;
        }
        if (this.quiet > (QUIET_MS / 1e3) * scope.sampleRate) {
          this.port.postMessage(Date.now() + (i / scope.sampleRate) * 1e3);
        }
        this.quiet = 0;
      }
      return true;
    }
  }
  scope.registerProcessor("ear", Ear);
}
