/** The viewer's WebSocket; tests bring their own `OpenWatchSocket`. */
import { suitedToEngine } from "../../transport";

export interface WatchSocketEvents {
  open(): void;
  text(data: string): void;
  binary(data: Uint8Array): void;
  /** @param closeCode 1006 where the connection broke without a close frame. */
  closed(closeCode: number, reason: string): void;
}

export interface WatchSocket {
  send(data: string): void;
  close(): void;
  /** Drops the connection without waiting for anything: no event comes any more. */
  abandon(): void;
}

export type OpenWatchSocket = (url: string, subprotocol: string, events: WatchSocketEvents) => WatchSocket;

const openPlain: OpenWatchSocket = (url, subprotocol, events) => {
  const socket = new WebSocket(url, subprotocol);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => events.open();
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string") events.text(data);
    else if (data instanceof ArrayBuffer) events.binary(new Uint8Array(data));
  };
  socket.onclose = ({ code, reason }) => events.closed(code, reason);
  const forget = () => {
    socket.onopen = socket.onmessage = socket.onclose = null;
  };
  return {
    send: (data) => socket.send(data),
    close: () => {
      forget();
      socket.close(1000);
    },
    abandon: () => {
      forget();
      socket.close();
    },
  };
};

export const openBrowserWatchSocket: OpenWatchSocket = suitedToEngine(openPlain);
