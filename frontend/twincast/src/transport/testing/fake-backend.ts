/**
 * A backend that keeps the rules of protocol/README.md in memory and refuses what breaks them, for tests and stories
 * of the client. What it took lies open for inspection.
 */

import type { Gap } from "../../model/stream";
import { type ChunkHeader, decodeChunk } from "../../protocol/frames";
import type { BackendMessage, ClientMessage, Ended, HashedRange, Limits } from "../../protocol/messages";
import { parseClientMessage } from "../../protocol/testing/client-messages";
import { RangeLedger } from "../range-ledger";

export interface TakenChunk {
  readonly header: ChunkHeader;
  readonly payload: Uint8Array;
  /** Which life of the process took it. */
  readonly life: number;
}

export interface Peer {
  send(message: BackendMessage): void;
  close(closeCode: number): void;
}

interface StreamMemory {
  /** The number of the newest hello. */
  connection: number;
  nextSeq: number;
  peer: Peer;
  ledger: RangeLedger;
  /** When the newest media that it took was captured, and what was told as missing since; null where there is none. */
  newestTo: number | null;
  missingMs: number | null;
  /** The first seqs of ranges that a lost worker may not have known to their end. */
  shorter: Set<number>;
  chunks: number;
  bytes: number;
}

export const LIMITS: Limits = {
  maxChunkBytes: 262_144,
  windowBytes: 1_048_576,
  ackEveryMs: 100,
  idleMs: 30_000,
};

export class FakeBackend {
  readonly hellos: Extract<ClientMessage, { type: "hello" }>[] = [];
  readonly pings: Extract<ClientMessage, { type: "ping" }>[] = [];
  readonly segments: Extract<ClientMessage, { type: "segment" }>[] = [];
  readonly taken: TakenChunk[] = [];
  readonly gaps: Gap[] = [];
  readonly mutes: boolean[] = [];
  /** Every text message as it came. */
  readonly texts: string[] = [];
  /** Rules that the client broke; stays empty. */
  readonly complaints: string[] = [];
  limits = LIMITS;
  /**
   * Close code of a refusal of the seqs in it. A chunk is refused for its size alone, so what any process took is not
   * refused by another.
   */
  readonly refuse = new Map<number, 4413 | 1009>();
  /** Close code of a refusal of every chunk, or null. */
  refuseAll: 4413 | 1009 | null = null;
  /** The tokens that a hello may show, or null where none is wanted. */
  tokens: ReadonlySet<string> | null = null;
  /** When an acknowledgement leaves: as soon as it may, or as late as a slow sink has the chunk. */
  afterSink = (acknowledge: () => void): void => acknowledge();
  /** Takes no chunk and answers only pings while true, like a sink that is stuck. */
  stuck = false;

  readonly #now: () => number;
  #life = 0;
  #expectedFrom = 0;
  /** Every seq that any life of the process took. */
  readonly #known = new Set<number>();
  #streams = new Map<string, StreamMemory>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The process is killed and another one starts: everything it knew is gone, what its sinks took is not. */
  restart(): void {
    this.#life++;
    this.#streams.clear();
  }

  /** Every stream has come up to this seq already, from a client that is gone. */
  expectFrom(seq: number): void {
    this.#expectedFrom = seq;
  }

  /** So many watch every stream from now on. */
  watchBy(viewers: number): void {
    for (const { peer } of this.#streams.values()) peer.send({ type: "watched", viewers });
  }

  /** @returns what takes the frames of a new connection. */
  connect(wire: Peer): { text(data: string): void; binary(data: Uint8Array): void } {
    let open = true;
    const peer: Peer = {
      send: (message) => wire.send(message),
      close: (closeCode) => {
        open = false;
        wire.close(closeCode);
      },
    };
    let stream: StreamMemory | null = null;
    let announced: number | null = null;
    const complain = (what: string) => {
      this.complaints.push(what);
      peer.send({ type: "error", code: "bad-message", message: what });
      peer.close(4400);
    };
    const onMessage = (message: ClientMessage) => {
      if (message.type === "ping") {
        this.pings.push(message);
        return peer.send({ type: "pong", t: message.t, serverTime: this.#now() });
      }
      if (message.type === "hello") {
        this.hellos.push(message);
        if (this.tokens && !this.tokens.has(message.token ?? "")) {
          peer.send({ type: "error", code: "unauthorised", message: "The token of hello has expired." });
          return peer.close(4401);
        }
        const known = this.#streams.get(message.session);
        const { connection } = message;
        if (connection === undefined || connection === known?.connection)
          return complain(`a hello with the number ${connection} of another one`);
        if (known && connection < known.connection) {
          peer.send({ type: "error", code: "displaced", message: "A newer connection carries this stream." });
          return peer.close(4409);
        }
        known?.peer.close(4409);
        const resumed = known !== undefined && message.resumeFrom <= known.nextSeq;
        stream = resumed
          ? { ...known, connection, peer }
          : {
              connection,
              nextSeq: Math.max(message.resumeFrom, this.#expectedFrom),
              peer,
              ledger: new RangeLedger(),
              newestTo: null,
              missingMs: null,
              shorter: new Set(),
              chunks: 0,
              bytes: 0,
            };
        this.#streams.set(message.session, stream);
        const { nextSeq } = stream;
        return peer.send({
          type: "ready",
          nextSeq,
          resumed,
          serverTime: this.#now(),
          limits: this.limits,
        });
      }
      if (!stream) return complain(`${message.type} before hello`);
      switch (message.type) {
        case "segment":
          if (announced !== null && message.segment <= announced)
            return complain(`segment ${message.segment} again`);
          announced = message.segment;
          this.segments.push(message);
          return;
        case "gap": {
          if (this.stuck || message.to < stream.nextSeq) return;
          if (message.from !== stream.nextSeq)
            return complain(`gap from ${message.from}, not ${stream.nextSeq}`);
          const { from, to, ms, reason } = message;
          this.gaps.push({ from, to, ms, reason });
          const last = stream.ledger.ranges.at(-1);
          if (last && stream.ledger.isOpen && reason === "worker-lost") stream.shorter.add(last.from);
          stream.ledger.breakRange();
          stream.nextSeq = to + 1;
          stream.missingMs = (stream.missingMs ?? 0) + ms;
          const ack = { type: "ack", seq: to, t: this.#now() } as const;
          return this.afterSink(() => open && peer.send(ack));
        }
        case "muted":
          this.mutes.push(message.muted);
          return;
        case "end":
          if (message.lastSeq !== stream.nextSeq - 1) return complain(`end at ${message.lastSeq}`);
          return peer.send(ended(stream, message.segments, this.gaps));
      }
    };
    const onChunk = (data: Uint8Array) => {
      const { header, payload } = decodeChunk(data);
      if (this.stuck) return;
      if (!stream) return complain("chunk before hello");
      if (header.segment !== announced) return complain(`chunk of segment ${header.segment}, unannounced`);
      if (header.seq > stream.nextSeq) return complain(`chunk ${header.seq} from the future`);
      const refusal =
        this.refuseAll ?? (this.#known.has(header.seq) ? undefined : this.refuse.get(header.seq));
      if (refusal && header.seq === stream.nextSeq) {
        if (refusal === 4413)
          peer.send({ type: "error", code: "too-large", message: "Too large.", seq: header.seq });
        return peer.close(refusal);
      }
      if (header.seq === stream.nextSeq) {
        this.#compare(stream, header);
        stream.nextSeq++;
        stream.chunks++;
        stream.bytes += payload.byteLength;
        stream.ledger.delivered(header.segment, header.seq, payload);
        this.#known.add(header.seq);
        this.taken.push({ header, payload: payload.slice(), life: this.#life });
      }
      const ack = { type: "ack", seq: header.seq, t: this.#now() } as const;
      this.afterSink(() => open && peer.send(ack));
    };
    return {
      text: (data) => {
        if (!open) return;
        this.texts.push(data);
        let message: ClientMessage;
        try {
          message = parseClientMessage(data);
        } catch (error) {
          return complain(String(error));
        }
        onMessage(message);
      },
      binary: (data) => open && onChunk(data),
    };
  }

  /** A gap is as long as the hole between what came before it and what comes after. */
  #compare(stream: StreamMemory, { seq, capturedFrom, capturedTo }: ChunkHeader): void {
    const { missingMs, newestTo } = stream;
    // Stamps of two encoders may overlap.
    const holeMs = Math.max(0, capturedFrom - (newestTo ?? capturedFrom));
    if (missingMs !== null && newestTo !== null && Math.abs(holeMs - missingMs) > 1)
      this.complaints.push(`${missingMs} ms are told as missing before ${seq}: ${holeMs} are`);
    stream.missingMs = null;
    stream.newestTo = capturedTo;
  }
}

function ended(stream: StreamMemory, claimed: readonly HashedRange[], gaps: Gap[]): BackendMessage {
  const seen = stream.ledger.ranges;
  const places = new Map([...seen, ...claimed].map((range) => [range.from, range.segment]));
  const ranges = [...places]
    .sort(([a], [b]) => a - b)
    .map(([from, segment]) => {
      const isIt = (one: HashedRange) => one.segment === segment && one.from === from;
      const own = seen.find(isIt);
      const claim = claimed.find(isIt);
      return { segment, from, state: stateOf(own, claim, stream.shorter.has(from)) };
    });
  const verified = ranges.every((range) => range.state === "verified");
  return { type: "ended", chunks: stream.chunks, bytes: stream.bytes, gaps, verified, ranges };
}

function stateOf(
  own: HashedRange | undefined,
  claim: HashedRange | undefined,
  isShorter: boolean,
): Ended["ranges"][number]["state"] {
  if (!own) return "unknown";
  if (own.chain === claim?.chain && own.bytes === claim.bytes) return "verified";
  return (isShorter || claim?.maybeShorter) && own.bytes >= (claim?.bytes ?? 0) ? "unknown" : "mismatch";
}
