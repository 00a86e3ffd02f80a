/**
 * Delivers what former pages stored, one session after the other, while the page does whatever it does. Fetched only
 * where something is stored.
 */
import type { Leftover, LeftoverStream } from "../model/leftover";
import { outcomeOf, type StreamKind } from "../model/stream";
import { heldSessions, whenLetGo } from "../storage/session-lock";
import { findStoredSessions, type StoredSession } from "../storage/stored-sessions";
import { DEFAULT_LIMITS, type NetworkEvent } from "../transport";
import { type RestoredEvent, RestoredStream, type WorkerEnvironment } from "../worker";
import { streamStatus } from "./stream-status";
import { type FetchTokens, TokenKeeper } from "./tokens";

export interface LeftoversOptions {
  readonly workers: WorkerEnvironment;
  readonly socketUrl: (stream: StreamKind) => string;
  readonly userAgent: string;
  readonly fetchTokens: FetchTokens;
  /** Whether the session is this page's own. */
  readonly isOwn: (session: string) => boolean;
  readonly onChange: (leftover: Leftover) => void;
  /** Replaced in tests. */
  readonly find?: typeof findStoredSessions;
}

interface Delivery {
  readonly stored: StoredSession;
  readonly keeper: TokenKeeper;
  readonly streams: Map<StreamKind, RestoredStream>;
  /** Of streams that have answered. */
  readonly figures: Map<StreamKind, LeftoverStream>;
  /** Of which it is not known yet what is stored. */
  readonly unanswered: Set<StreamKind>;
  startedAt: number;
  endedAt: number;
}

export class Leftovers {
  readonly #options: LeftoversOptions;
  readonly #closed = new AbortController();
  #waiting: StoredSession[] = [];
  #delivery: Delivery | null = null;

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /** Looks for sessions that were cut off, and begins with the first. */
  async look(): Promise<void> {
    const { find = findStoredSessions, workers } = this.#options;
    const found = await find(workers.clock.now()).catch(() => []);
    if (this.#closed.signal.aborted) return;
    this.#waiting.push(...found);
    if (!this.#delivery) this.#next();
  }

  network(event: NetworkEvent): void {
    for (const stream of this.#delivery?.streams.values() ?? []) stream.network(event);
  }

  /** Gives up what is left of the session that is being delivered. */
  discard(): void {
    const delivery = this.#delivery;
    if (!delivery) return;
    this.#leave(delivery);
    this.#next();
  }

  /** The person has read how it ended. */
  dismiss(): void {
    if (this.#delivery && isOver(this.#delivery)) this.discard();
  }

  /** The page goes; what is not delivered stays stored. */
  close(): void {
    this.#closed.abort();
    this.#delivery?.keeper.close();
    for (const stream of this.#delivery?.streams.values() ?? []) stream.dispose();
    this.#delivery = null;
  }

  #next(): void {
    this.#delivery = null;
    const stored = this.#waiting.shift();
    if (stored) this.#deliver(stored);
    else void this.#watchOthers();
  }

  #deliver(stored: StoredSession): void {
    const { session } = stored;
    const { workers, socketUrl, userAgent, fetchTokens } = this.#options;
    const keeper = new TokenKeeper({
      session,
      fetchTokens,
      clock: workers.clock,
      onTokens: (tokens) => {
        for (const kind of stored.streams) {
          const stream = delivery.streams.get(kind);
          if (stream) {
            stream.setToken(tokens[kind]);
            continue;
          }
          const token = tokens[kind];
          const send = {
            url: socketUrl(kind),
            session,
            stream: kind,
            userAgent,
            limits: DEFAULT_LIMITS[kind],
          };
          const options = token === undefined ? send : { ...send, token };
          const onEvent = (event: RestoredEvent) => this.#onEvent(delivery, kind, event);
          delivery.streams.set(kind, new RestoredStream(workers, options, onEvent));
        }
      },
    });
    const delivery: Delivery = {
      stored,
      keeper,
      streams: new Map(),
      figures: new Map(),
      unanswered: new Set(stored.streams),
      startedAt: Number.POSITIVE_INFINITY,
      endedAt: 0,
    };
    this.#delivery = delivery;
    keeper.renew();
  }

  #onEvent(delivery: Delivery, kind: StreamKind, event: RestoredEvent): void {
    if (this.#delivery !== delivery) return;
    const before = delivery.figures.get(kind);
    switch (event.kind) {
      case "nothing":
        break;
      case "found":
        delivery.startedAt = Math.min(delivery.startedAt, event.startedAt);
        delivery.endedAt = Math.max(delivery.endedAt, event.endedAt);
        return;
      case "token-wanted":
        delivery.keeper.renew();
        return;
      case "lost": {
        const status = { kind: "failed", code: "worker-lost", message: event.detail } as const;
        const { keptMs = 0, keptBytes = 0, foundMs = 0 } = before ?? {};
        delivery.figures.set(kind, { stream: kind, foundMs, keptMs, keptBytes, status });
        break;
      }
      case "report": {
        const { keptMs, keptBytes } = event.status;
        const foundMs = Math.max(before?.foundMs ?? 0, keptMs);
        delivery.figures.set(kind, {
          stream: kind,
          foundMs,
          keptMs,
          keptBytes,
          status: streamStatus(event.status),
        });
        break;
      }
    }
    delivery.unanswered.delete(kind);
    // All of it is told at once.
    if (delivery.unanswered.size > 0) return;
    if (delivery.figures.size === 0) {
      this.#leave(delivery);
      this.#next();
      return;
    }
    this.#show(delivery);
  }

  #show(delivery: Delivery): void {
    const { endedAt, stored, figures } = delivery;
    // Unknown where nothing can be read.
    const startedAt = Math.min(delivery.startedAt, this.#options.workers.clock.now());
    const streams = stored.streams.flatMap((kind) => figures.get(kind) ?? []);
    const over = isOver(delivery);
    // Refused media stay until the person discards them: another backend may take them.
    const isDelivered = streams.every(({ status }) => status.kind === "ended");
    if (over && isDelivered) void stored.remove();
    if (over) delivery.keeper.close();
    const durationMs = Math.max(0, endedAt - startedAt);
    this.#options.onChange({ kind: over ? "over" : "sending", startedAt, durationMs, streams });
  }

  #leave({ keeper, stored, streams }: Delivery): void {
    keeper.close();
    for (const stream of streams.values()) stream.discard();
    void stored.remove();
  }

  /** Until every page that has a session now is gone, or done with it. */
  async #watchOthers(): Promise<void> {
    const { isOwn, onChange } = this.#options;
    const { signal } = this.#closed;
    const others = (await heldSessions().catch(() => [])).filter((session) => !isOwn(session));
    if (signal.aborted || this.#delivery) return;
    onChange({ kind: others.length > 0 ? "elsewhere" : "none" });
    if (others.length === 0) return;
    await Promise.allSettled(others.map((session) => whenLetGo(session, signal)));
    if (!signal.aborted) await this.look();
  }
}

function isOver({ figures, unanswered }: Delivery): boolean {
  return unanswered.size === 0 && [...figures.values()].every(({ status }) => outcomeOf(status) !== null);
}
