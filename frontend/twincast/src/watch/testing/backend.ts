/** A backend for one viewer's sockets: tests play it. */
import { encodeChunk } from "../../protocol/frames";
import { FakeClock } from "../../testing/fake-clock";
import type { OpenWatchSocket, WatchSocketEvents } from "../viewer/watch-socket";

export interface PlayedSocket {
  readonly url: string;
  readonly events: WatchSocketEvents;
  readonly sent: { readonly type: string; readonly [field: string]: unknown }[];
  state: "open" | "closed" | "abandoned";
}

export class PlayedBackend {
  readonly clock = new FakeClock();
  readonly sockets: PlayedSocket[] = [];

  readonly openSocket: OpenWatchSocket = (url, _subprotocol, events) => {
    const socket: PlayedSocket = { url, events, sent: [], state: "open" };
    this.sockets.push(socket);
    return {
      send: (data) => socket.sent.push(JSON.parse(data)),
      close: () => {
        socket.state = "closed";
      },
      abandon: () => {
        socket.state = "abandoned";
      },
    };
  };

  /** The newest one. */
  get socket(): PlayedSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("Nobody opened a socket.");
    return socket;
  }

  tell(message: { readonly type: string; readonly [field: string]: unknown }): void {
    this.socket.events.text(JSON.stringify(message));
  }

  /** Opens, and answers to the viewer's question. */
  accept(
    fields: { state?: string; muted?: boolean; clockOffsetMs?: number | undefined; kind?: string } = {},
  ): void {
    this.socket.events.open();
    this.tell({
      type: "watching",
      watchId: "9f86d081884c7d659a2feaa0c55ad015",
      kind: "video",
      state: "live",
      muted: false,
      clockOffsetMs: 0,
      serverTime: this.clock.now(),
      idleMs: 30_000,
      ...fields,
    });
    this.pong();
  }

  pong(fields: { clockOffsetMs?: number } = {}): void {
    const ping = this.socket.sent.findLast(({ type }) => type === "ping");
    this.tell({ type: "pong", t: ping?.t, serverTime: this.clock.now(), ...fields });
  }

  segment(mimeType: string, segment = 0): void {
    this.tell({
      type: "segment",
      segment,
      from: 0,
      headerMissing: false,
      mimeType,
      startedAt: this.clock.now(),
    });
  }

  chunk(seq: number, payload: Uint8Array, capturedFrom: number, capturedTo: number): void {
    const header = {
      segment: 0,
      seq,
      first: seq === 0,
      last: false,
      keyFrame: seq === 0,
      capturedFrom,
      capturedTo,
    };
    this.socket.events.binary(encodeChunk(header, payload));
  }
}
