/**
 * The one place that touches the browser's WebSocket. Tests and stories bring their own `OpenSocket`.
 */

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

export const openBrowserSocket: OpenSocket = (url, subprotocol, events) => {
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
