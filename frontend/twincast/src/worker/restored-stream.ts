/**
 * What a former page stored of one stream, delivered by a worker of its own. Nothing is captured. Its last word is a report
 * whose delivery is over, or that it is lost.
 */
import type { Clock } from "../clock";
import type { NetworkEvent, SenderStatus } from "../transport";
import type { SendOptions, WorkerEvent } from "./commands";
import { type HostPort, openHost } from "./open-host";
import type { WorkerEnvironment } from "./preparation";

export type RestoredEvent =
  /** Nothing of it is stored, or nothing that can be read. */
  | { readonly kind: "nothing" }
  | { readonly kind: "found"; readonly startedAt: number; readonly endedAt: number }
  | { readonly kind: "report"; readonly status: SenderStatus }
  | { readonly kind: "token-wanted" }
  | { readonly kind: "lost"; readonly detail: string };

/** After its last word a worker closes its connection in good order, and removes its files. */
const LINGER_MS = 1_000;

export class RestoredStream {
  readonly #clock: Clock;
  readonly #onEvent: (event: RestoredEvent) => void;
  readonly #host: HostPort;
  #isOver = false;
  #cancelTimer: () => void = () => {};

  constructor(environment: WorkerEnvironment, options: SendOptions, onEvent: (event: RestoredEvent) => void) {
    this.#clock = environment.clock;
    this.#onEvent = onEvent;
    this.#host = openHost(environment, {
      event: (event) => this.#take(event),
      silent: () => {},
      lost: (detail) => this.#end({ kind: "lost", detail }),
    });
    this.#host.post({ kind: "restore", options });
  }

  setToken(token: string | undefined): void {
    this.#host.post({ kind: "token", token });
  }

  network(event: NetworkEvent): void {
    this.#host.post({ kind: "network", event });
  }

  /** Gives up what is left, and has it removed. */
  discard(): void {
    this.#host.post({ kind: "abandon" });
  }

  /** Ends it at once; what is not delivered stays stored. */
  dispose(): void {
    this.#isOver = true;
    this.#cancelTimer();
    this.#host.close();
  }

  #take(event: WorkerEvent): void {
    if (this.#isOver) return;
    if (event.kind === "restored") {
      if (event.found) this.#onEvent({ kind: "found", ...event.found });
      else this.#end({ kind: "nothing" });
    }
    if (event.kind === "token-wanted") this.#onEvent(event);
    if (event.kind === "report") {
      const { kind } = event.status.delivery;
      const report = { kind: "report", status: event.status } as const;
      if (kind === "ended" || kind === "abandoned") this.#end(report);
      else this.#onEvent(report);
    }
  }

  #end(event: RestoredEvent): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer = this.#clock.after(LINGER_MS, () => this.#host.close());
    this.#onEvent(event);
  }
}
