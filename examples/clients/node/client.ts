/** One stream of one segment by twincast.v1, in Node 22.18 or newer. protocol/README.md says why it does what. */
import { createHash } from "node:crypto";

const GIVES_UP = [1009, 4400, 4401, 4403, 4406, 4409, 4410, 4413, 4500]; // 1009, 4413: no piece above 64 KiB
type Ended = { readonly verified: boolean; readonly ranges: readonly { state: string }[] };

export function openClient(url: string, session: string, mimeType: string, token?: string) {
  const hello = { type: "hello", session, token };
  const segment = { type: "segment", segment: 0, mimeType, startedAt: Date.now() };
  const ended = Promise.withResolvers<Ended>();
  const waiting: Buffer<ArrayBuffer>[] = []; // chunks without an ack; the first one's seq is `acked`
  const ranges = new Map<number, { segment: number; from: number; bytes: number; chain: string }>();
  let [acked, sent, windowBytes, failures, opened, isOver, capturedTo] = [0, 0, 0, 0, 0, false, Date.now()];
  let range = { segment: 0, from: 0, bytes: 0, chain: "" }; // the newest; `end` says all of them
  let socket: WebSocket | undefined; // greeted, and open
  function acknowledge(belowSeq: number): void {
    for (; acked < belowSeq; acked++, sent--) {
      // What has arrived goes into its range's hash, as it does on the other side, and is let go.
      const payload = waiting.shift()?.subarray(24) ?? Buffer.alloc(0);
      range.bytes += payload.length;
      range.chain = createHash("sha256").update(range.chain, "hex").update(payload).digest("hex");
    }
  }
  function sendWhatFits(): void {
    for (let chunk = waiting[sent]; socket && chunk; chunk = waiting[++sent]) {
      const onTheWay = waiting.slice(0, sent + 1).reduce((bytes, { length }) => bytes + length, 0);
      if (onTheWay > windowBytes) return;
      socket.send(chunk);
    }
    const segments = [...ranges.values()].filter(({ from }) => from < acked);
    const end = { type: "end", lastSeq: acked - 1, segments };
    if (isOver && waiting.length === 0) socket?.send(JSON.stringify(end));
  }

  function connect(): void {
    const opening = new WebSocket(url, "twincast.v1");
    opening.onopen = () =>
      opening.send(JSON.stringify({ ...hello, resumeFrom: acked, connection: ++opened }));
    opening.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "ready") {
        acknowledge(message.nextSeq);
        // Otherwise it is another process, which hashes from here on.
        if (!message.resumed) range = { segment: 0, from: acked, bytes: 0, chain: "00".repeat(32) };
        ranges.set(range.from, range);
        [socket, sent, windowBytes, failures] = [opening, 0, message.limits.windowBytes, 0];
        opening.send(JSON.stringify(segment));
      } else if (message.type === "ack") acknowledge(message.seq + 1);
      else if (message.type === "ended") ended.resolve(message);
      sendWhatFits();
    };
    opening.onclose = ({ code, reason }) => {
      const longestMs = failures && Math.min(5_000, 300 * 2 ** failures); // at once the first time
      [socket, failures] = [undefined, failures + 1];
      if (GIVES_UP.includes(code)) ended.reject(new Error(`Refused: ${code} ${reason}`));
      else if (code !== 1000) setTimeout(connect, Math.random() * longestMs);
    };
  }
  connect();
  return {
    /** Media captured since the last piece: sent now, or as soon as there is a connection. */
    add(piece: Uint8Array): void {
      const [head, seq] = [Buffer.alloc(24), acked + waiting.length];
      head.writeUInt16BE(seq === 0 ? 0x0105 : 0x0100); // the first begins its segment, with a key frame
      head.writeUInt32BE(seq, 4);
      head.writeDoubleBE(capturedTo, 8);
      capturedTo = Date.now();
      head.writeDoubleBE(capturedTo, 16);
      waiting.push(Buffer.concat([head, piece]));
      sendWhatFits();
    },
    /** Delivers what waits. @returns `ended`: what the backend has of the stream. */
    finish(): Promise<Ended> {
      isOver = true;
      sendWhatFits();
      return ended.promise;
    },
  };
}
