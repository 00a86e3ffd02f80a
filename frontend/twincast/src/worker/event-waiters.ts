import type { WorkerEvent } from "./commands";

type Waiter = (event: WorkerEvent) => void;

/** Who waits for an answer of the worker. */
export class EventWaiters {
  readonly #waiters = new Map<WorkerEvent["kind"], Set<Waiter>>();

  /** The next event of one of these kinds. */
  next<Kind extends WorkerEvent["kind"]>(...kinds: Kind[]): Promise<Extract<WorkerEvent, { kind: Kind }>> {
    return new Promise((resolve) => {
      const waiter = (event: WorkerEvent) => {
        for (const kind of kinds) this.#waiters.get(kind)?.delete(waiter);
        resolve(event as Extract<WorkerEvent, { kind: Kind }>);
      };
      for (const kind of kinds) {
        const waiters = this.#waiters.get(kind) ?? new Set();
        this.#waiters.set(kind, waiters.add(waiter));
      }
    });
  }

  /** @returns whether anybody waited for it. */
  tell(event: WorkerEvent): boolean {
    const waiters = [...(this.#waiters.get(event.kind) ?? [])];
    for (const waiter of waiters) waiter(event);
    return waiters.length > 0;
  }
}
