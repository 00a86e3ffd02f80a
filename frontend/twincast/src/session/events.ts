/** What happens in a session and is worth telling a person. Whoever shows it has the words. */
import type { InputState } from "../capture/devices";
import type { Device } from "../model/device";
import type { CaptureError } from "../model/permission";
import type { Gap, StreamKind, StreamStatus } from "../model/stream";

/** What of a stream is missing in the session until now. */
export interface Missing {
  /** How many gaps. */
  readonly gaps: number;
  /** Their length together, ms. */
  readonly ms: number;
}

/** One thing that happened, told once. */
export type SessionEvent =
  /** A stream's status is of another kind. Told before the store has it. */
  | {
      readonly kind: "stream-changed";
      readonly stream: StreamKind;
      readonly before: StreamStatus;
      readonly after: StreamStatus;
    }
  /** `missing`: this gap included. */
  | { readonly kind: "gap"; readonly stream: StreamKind; readonly gap: Gap; readonly missing: Missing }
  /** The path carries less than the picture needs; told once for as long as it stays so. */
  | { readonly kind: "smaller-picture" }
  /** A device whose media are needed fares otherwise. */
  | {
      readonly kind: "device-changed";
      readonly device: Device;
      readonly before: InputState;
      readonly after: InputState;
    }
  /** Another device was asked for and cannot be had; the former one goes on. */
  | { readonly kind: "device-kept"; readonly device: Device; readonly error: CaptureError }
  /** Start came to nothing, since no token is to be had. `message`: what `fetchTokens` rejected with. */
  | { readonly kind: "not-permitted"; readonly message: string }
  /** The backend has acknowledged the first of the session. */
  | { readonly kind: "first-acknowledged" }
  /** What was told before is about something that is over. */
  | { readonly kind: "over" };

/** Tells of each event once, to whoever listens then. */
export class SessionEvents {
  readonly #listeners = new Set<(event: SessionEvent) => void>();

  /** @returns the function that ends the subscription. */
  readonly subscribe = (listener: (event: SessionEvent) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  tell(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
