/** Whether what is streamed arrives, and, as long as it does not, what may be the reason. */

import type { Clock } from "../clock";
import type { BackendFinding } from "../model/backend";
import { Store } from "./store";

/** Whether the backend has anything of this session. `overdue`: it should by now. */
export type Arrival = "nothing-yet" | "overdue" | "acknowledged";

/** A first acknowledgement comes within a second on any path that carries a stream. */
const FIRST_ACK_MS = 5_000;
/** While there is none: how often the reason is looked for. */
const LOOK_EVERY_MS = 10_000;

export interface ArrivalWatchOptions {
  readonly checkBackend: () => Promise<BackendFinding>;
  readonly clock: Clock;
}

export class ArrivalWatch {
  /** What the last look for the backend found; null before the first. */
  readonly backend = new Store<BackendFinding | null>(null);
  readonly arrival = new Store<Arrival>("nothing-yet");
  readonly #options: ArrivalWatchOptions;
  #looks = 0;
  #cancelLook: () => void = () => {};

  constructor(options: ArrivalWatchOptions) {
    this.#options = options;
  }

  /** Looks whether the backend could take streams now. */
  async look(): Promise<void> {
    const own = ++this.#looks;
    const finding = await this.#options.checkBackend();
    // A look that began offline may answer after the one that began when the network was back.
    if (own === this.#looks) this.backend.set(finding);
  }

  /** As long as nothing arrives, the reason is looked for. @param isWanted whether anything shall arrive still. */
  expect(isWanted: () => boolean, afterMs = FIRST_ACK_MS): void {
    this.cancel();
    this.#cancelLook = this.#options.clock.after(afterMs, () => {
      if (!isWanted()) return;
      this.arrival.set("overdue");
      void this.look();
      this.expect(isWanted, LOOK_EVERY_MS);
    });
  }

  /** Something has arrived. */
  note(): void {
    this.cancel();
    // A look that is still under way knows less.
    this.#looks++;
    this.backend.set("answers");
    this.arrival.set("acknowledged");
  }

  cancel(): void {
    this.#cancelLook();
  }
}
