/**
 * For an engine that leaves something behind of a socket that is given up before it has opened: there the path is asked
 * for an answer before another one is begun.
 *
 * Firefox keeps the TCP connection of such a handshake until it is answered, or for five minutes
 * (`network.http.response.timeout`), whatever becomes of the socket and of its worker. It has six of them to a host
 * (`network.http.max-persistent-connections-per-server`); with all six taken, the next socket waits for one of them. So a
 * page that keeps trying locks itself out of a path that is long back. A request that is taken back takes its connection
 * with it, and one without credentials is not counted among the six.
 */
import type { Clock } from "../clock";

/** What sockets of both ends have in common. */
export interface AnySocket<Data> {
  send(data: Data): void;
  close(): void;
  abandon(): void;
}

/** What the events of both ends' sockets have in common. */
export interface AnySocketEvents {
  open(): void;
  closed(closeCode: number, reason: string): void;
}

/** Opens a socket of either end. */
export type OpenAny<Data, Events> = (url: string, subprotocol: string, events: Events) => AnySocket<Data>;

/** Settles as soon as the path says anything, an answer or a refusal; pending for as long as it is silent. */
export type Ask = (url: string, signal: AbortSignal) => Promise<unknown>;

export interface AnsweredSocketOptions {
  readonly clock: Pick<Clock, "now">;
  readonly ask: Ask;
}

/** What is known of an address. */
interface Path {
  /** ms since the epoch; null while the last socket is well. */
  silentSince: number | null;
  /** When a handshake was last begun without an answer, ms since the epoch. */
  daredAt: number;
}

/**
 * A path may carry a new connection and yet no answer: with HTTP/2 a request goes by a connection that was there before,
 * which Firefox 153 took for dead 49 s after it fell silent. So a handshake is begun after so long without an answer,
 */
const DARE_AFTER_MS = 30_000;
/** and no other one in the five minutes for which Firefox keeps its connection: there is another stream, and the page. */
const DARE_EVERY_MS = 300_000;

/** What a broken connection is closed with. */
const BROKEN = 1006;

/** @returns `open` that asks first, unless the last socket to the same address opened and did not break. */
export function openWhereAnswered<Data, Events extends AnySocketEvents>(
  open: OpenAny<Data, Events>,
  { clock, ask }: AnsweredSocketOptions,
): OpenAny<Data, Events> {
  const paths = new Map<string, Path>();

  const shallAsk = (path: Path): boolean => {
    if (path.silentSince === null) return false;
    const now = clock.now();
    if (now - Math.max(path.silentSince + DARE_AFTER_MS, path.daredAt + DARE_EVERY_MS) < 0) return true;
    path.daredAt = now;
    return false;
  };

  return (url, subprotocol, events) => {
    const path = paths.get(url) ?? { silentSince: null, daredAt: Number.NEGATIVE_INFINITY };
    paths.set(url, path);
    const asking = new AbortController();
    let socket: AnySocket<Data> | null = null;
    const begin = () => {
      if (asking.signal.aborted) return;
      socket = open(url, subprotocol, {
        ...events,
        open: () => {
          path.silentSince = null;
          events.open();
        },
        closed: (closeCode, reason) => {
          if (closeCode === BROKEN) path.silentSince ??= clock.now();
          events.closed(closeCode, reason);
        },
      });
    };
    if (shallAsk(path)) ask(url.replace(/^ws/, "http"), asking.signal).then(begin, begin);
    else begin();
    return {
      send: (data) => {
        if (!socket) throw new Error("Nothing is sent before the socket is open.");
        socket.send(data);
      },
      close: () => {
        asking.abort();
        socket?.close();
      },
      abandon: () => {
        path.silentSince ??= clock.now();
        asking.abort();
        socket?.abandon();
      },
    };
  };
}
