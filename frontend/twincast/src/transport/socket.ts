/**
 * The one place that touches the browser's WebSocket. Tests and stories bring their own `OpenSocket`.
 */
import { systemClock } from "../clock";
import { type AnySocketEvents, type Ask, type OpenAny, openWhereAnswered } from "./answered-socket";

export interface SocketEvents {
  open(): void;
  text(data: string): void;
  /** @param closeCode 1006 where the connection broke without a close frame. */
  closed(closeCode: number, reason: string): void;
}

export interface Socket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Ends the connection in good order. */
  close(): void;
  /**
   * Drops the connection without waiting for anything: no event comes any more. In a black hole the browser reports a
   * close after minutes (939 s were measured), and on iOS a socket that slept may never report one.
   */
  abandon(): void;
}

export type OpenSocket = (url: string, subprotocol: string, events: SocketEvents) => Socket;

const openPlain: OpenSocket = (url, subprotocol, events) => {
  const socket = new WebSocket(url, subprotocol);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => events.open();
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") events.text(data);
  };
  socket.onclose = ({ code, reason }) => events.closed(code, reason);
  return {
    send: (data) => socket.send(data),
    close: () => socket.close(1000),
    abandon: () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
};

/** Whether this is Firefox, told by an error that no other engine has, in pages and in workers. */
const leavesHandshakes = "InternalError" in globalThis;

/** By the address of the socket itself, where any answer will do: what carries other paths need not carry this one. */
const askBrowser: Ask = (url, signal) =>
  fetch(url, { mode: "no-cors", credentials: "omit", cache: "no-store", signal });

/** @returns `open`, or one that asks first where this browser needs it. */
export const suitedToEngine = <Data, Events extends AnySocketEvents>(
  open: OpenAny<Data, Events>,
): OpenAny<Data, Events> =>
  leavesHandshakes ? openWhereAnswered(open, { clock: systemClock, ask: askBrowser }) : open;

export const openBrowserSocket: OpenSocket = suitedToEngine(openPlain);
