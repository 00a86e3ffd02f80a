/** What the audio thread (sound-worklet.js), a phone's worker and the page say to each other. */

export type SoundCommand =
  /** From the page: where samples come from. */
  | { readonly kind: "connect"; readonly port: MessagePort }
  /** One channel at the context's rate, and when its first sample was captured, on the phone's clock. */
  | { readonly kind: "samples"; readonly samples: Float32Array<ArrayBuffer>; readonly capturedAt: number }
  /** How much shall wait when some has just come. */
  | { readonly kind: "target"; readonly ms: number }
  /** What waits is of no use any more. */
  | { readonly kind: "clear" }
  | { readonly kind: "stop" };

export interface SoundReport {
  /** When the sample was captured that is played next. */
  readonly capturedAt: number;
  readonly waitingMs: number;
  /** How often there was nothing to play. */
  readonly underruns: number;
  /** How much was left out to stay live. */
  readonly trimmedMs: number;
}
