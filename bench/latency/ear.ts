/** Hears what a page plays: listens where it leaves the page, behind everything that is the page's own. */

import { toneHz } from "../../e2e/support/clock/clock-sources.ts";

export interface HeardTone {
  /** Which of the sources' tones. */
  readonly pitch: number;
  /** When its first samples left for the loudspeaker, ms since the epoch. */
  readonly at: number;
}

/** @returns a script for the page, to run before any of its own. `window.heardTones` has what was heard. */
export function earScript(): string {
  const tones = { lowestHz: toneHz(0), stepHz: toneHz(1) - toneHz(0) };
  return `(${inPageListen})(${JSON.stringify({ worklet: `(${inWorkletListen})(${JSON.stringify(tones)});` })});`;
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
        ear.port.onmessage = ({ data: { at, pitch } }: MessageEvent<HeardTone>) =>
          heard.push({ at: at + 1e3 * ((context as AudioContext).outputLatency || 0), pitch });
        connect.call(this, ear);
      });
    }
    return connect.apply(this, to);
  } as typeof AudioNode.prototype.connect;
}

/** Says when something loud begins after a silence, and by how often it changes its sign which of the tones it is. */
function inWorkletListen({ lowestHz, stepHz }: { lowestHz: number; stepHz: number }): void {
  const LOUD = 0.1;
  const QUIET_MS = 40;
  /** Half of a tone; one more crossing or less is 17 Hz. */
  const COUNT_MS = 30;
  const scope = globalThis as unknown as {
    sampleRate: number;
    AudioWorkletProcessor: new () => { port: MessagePort };
    registerProcessor(name: string, processor: unknown): void;
  };
  class Ear extends scope.AudioWorkletProcessor {
    quiet = 0;
    last = 0;
    tone: { readonly at: number; samples: number; crossings: number } | null = null;

    process([channels]: Float32Array[][]): boolean {
      const samples = channels?.[0] ?? new Float32Array();
      for (let i = 0; i < samples.length; i++) this.hear(samples[i] ?? 0, (i / scope.sampleRate) * 1e3);
      return true;
    }

    hear(sample: number, atMs: number): void {
      const wasQuiet = this.quiet > (QUIET_MS / 1e3) * scope.sampleRate;
      this.quiet = Math.abs(sample) < LOUD ? this.quiet + 1 : 0;
      if (wasQuiet && this.quiet === 0) this.tone = { at: Date.now() + atMs, samples: 0, crossings: 0 };
      const { tone } = this;
      if (tone) {
        tone.samples++;
        if (sample * this.last < 0) tone.crossings++;
        if (tone.samples >= (COUNT_MS / 1e3) * scope.sampleRate) {
          const hz = tone.crossings / 2 / (COUNT_MS / 1e3);
          this.port.postMessage({ at: tone.at, pitch: Math.round((hz - lowestHz) / stepHz) });
          this.tone = null;
        }
      }
      this.last = sample;
    }
  }
  scope.registerProcessor("ear", Ear);
}
