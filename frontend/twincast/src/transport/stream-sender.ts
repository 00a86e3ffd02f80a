/**
 * One stream on its way to the backend: takes segments and chunks, and sees to it that each seq is delivered once, in
 * order, or reported inside one gap. It knows no media, no page and no other stream.
 */

import type { EncodedChunk } from "../model/media";
import type { Gap, StorageState } from "../model/stream";
import { SAFE_CHUNK_BYTES } from "../protocol/frames";
import type { Ended, HashedRange, SegmentDescription } from "../protocol/messages";
import { Connection, type ConnectionOptions, type NetworkEvent, type StreamMessage } from "./connection";
import { CONNECTIONS_PER_SENDER, type Continuation, type NumberedChunk, settle } from "./continuation";
import { type DelaySummary, DeliveryMeter } from "./delivery-meter";
import type { JournalState, StoredStream } from "./journal";
import type { Keeper, MakeKeeper } from "./keeper";
import type { StreamLimits } from "./limits";
import { type ChunkEntry, gapOf, type LostOutbox, type Numbers, Outbox, payloadOf } from "./outbox";
import type { PathFigures } from "./path-figures";
import { RangeLedger } from "./range-ledger";
import { SendWindow } from "./send-window";
import { shouldSkip } from "./skip-policy";

/** `outage`: so that whole segments can be given up, oldest first, when more is kept than may be. */
export type SegmentReason = "gap" | "backend-restarted" | "outage";

/** What a sender that comes in this one's place has to know. Plain data. */
export interface SenderRecord {
  /** The first seq that is not acknowledged. */
  readonly resumeFrom: number;
  readonly nextSegment: number;
  readonly ranges: readonly HashedRange[];
  /** Whether the last range may still grow. */
  readonly lastRangeIsOpen: boolean;
  readonly gaps: readonly Gap[];
  readonly chunks: number;
  readonly bytes: number;
}

export interface StreamSenderOptions
  extends Pick<ConnectionOptions, "url" | "openSocket" | "clock" | "random"> {
  readonly session: string;
  /** What `hello` shows to a guarded backend. */
  readonly token?: string;
  readonly userAgent?: string;
  readonly limits: StreamLimits;
  /** The backend takes the token no more; the stream waits for `setToken`. Without this it is over then. */
  readonly onTokenWanted?: () => void;
  /** Goes on in place of a sender that was lost. */
  readonly continues?: Continuation;
  /** Delivers what a former page stored, and records nothing. */
  readonly restores?: { readonly stored: StoredStream; readonly keep: MakeKeeper };
  /** A chunk got its number; called before it is sent. */
  readonly onNumbered?: (chunk: NumberedChunk) => void;
  /** What was numbered from the seq `from` on lies `by` higher: more had arrived of a lost sender than was known. */
  readonly onRenumbered?: (moved: { readonly from: number; readonly by: number }) => void;
  /** Everything up to `seq` has arrived. */
  readonly onAcknowledged?: (seq: number) => void;
  /** The encoder shall begin another segment: what it brings from here on has to decode without what came before. */
  readonly onSegmentWanted: (reason: SegmentReason) => void;
  /** The backend has been told of a gap and will not wait for it: figures are final. */
  readonly onGap: (gap: Gap) => void;
  /** Called on every change of `status`, and a few times a second while the figures move. */
  readonly onStatus: (status: SenderStatus) => void;
}

export type Delivery =
  /** `refusal`: what the backend said when it took the stream not yet. */
  | { readonly kind: "connecting"; readonly attempt: number; readonly refusal?: string }
  | { readonly kind: "live" }
  | {
      readonly kind: "reconnecting";
      readonly attempt: number;
      readonly retryAtMs: number | null;
      readonly refusal?: string;
    }
  | { readonly kind: "offline" }
  | { readonly kind: "ended"; readonly result: Ended }
  | { readonly kind: "abandoned" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Plain data: crosses from a worker to the page as it is. */
export interface SenderStatus {
  readonly delivery: Delivery;
  readonly finishing: boolean;
  /** Where what is kept lies. */
  readonly storage: StorageState;
  /** When the newest media that the encoder brought was captured, ms since the epoch; null before the first chunk. */
  readonly producedTo: number | null;
  /** Acknowledged chunks and their payload bytes. */
  readonly chunks: number;
  readonly bytes: number;
  readonly bytesPerSecond: number;
  /** Not acknowledged yet; the bytes are media, as those that were acknowledged. */
  readonly keptChunks: number;
  readonly keptBytes: number;
  readonly keptMs: number;
  /** How long the oldest unacknowledged chunk has waited. */
  readonly behindMs: number;
  readonly rttMs: number | null;
  readonly offsetMs: number | null;
  readonly delays: DelaySummary | null;
  readonly path: PathFigures;
  /** Those that the backend knows and those that it will be told; the last one may still grow. */
  readonly gaps: readonly Gap[];
  /** Connections opened after the first. */
  readonly reconnects: number;
  /** How many watch it at the backend, as far as that is known. */
  readonly viewers: number;
}

const REPORT_EVERY_MS = 250;
/**
 * How much of one segment is kept without a connection before another one is asked for. It is what an outage loses
 * at once when it outlasts the outbox, and it costs a key frame.
 */
const OUTAGE_SEGMENT_MS = 5_000;
/** For so long a backlog must look hopeless: on a slow path two seconds may pass between two acknowledgements. */
const HOPELESS_MS = 2_000;
/** A token that is refused so soon after it came did not expire: another one would be refused as well. */
const TOKEN_TRUSTED_MS = 30_000;
/** A message of so much media is allowed no time of its own. */
const USUAL_MESSAGE_MS = 100;
/** A path may become as many times slower under a key frame: it is not dead then, and a new connection would not help. */
const PACE_MAY_FALL = 16;
/** The pace of a path that has not shown another: the slowest that streams are meant to live on. */
const SLOWEST_BYTES_PER_SECOND = 4_000;

type Phase = "recording" | "finishing" | "abandoned";

export class StreamSender {
  readonly #options: StreamSenderOptions;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  /** What lets chunks outlive the page; null: there is none, undefined: nor is it known whether there will be. */
  #keeper: Keeper | null | undefined;
  #isExposed = false;
  readonly #firstConnection: number;
  readonly #startedAt: number;
  readonly #ledger: RangeLedger;
  readonly #meter = new DeliveryMeter();
  readonly #produced = new DeliveryMeter();
  #producedTo: number | null = null;
  #phase: Phase = "recording";
  #window = new SendWindow(SAFE_CHUNK_BYTES);
  #announced: number | null = null;
  #viewers = 0;
  #openedAt = 0;
  #ackedAt = 0;
  /** Acknowledged a second, as it was at the last acknowledgement: silence does not make it less. */
  #paceBytesPerSecond = 0;
  #connections: number;
  /** Acknowledged before this sender's time. */
  #earlier = { chunks: 0, bytes: 0 };
  /** Of a lost sender: what the backend has of its chunks is not known yet. */
  #unsettled: Continuation | null = null;
  #endSentAt: number | null = null;
  /** A chunk up to this seq was refused, and nobody said which one; -1 when none was. */
  #refusedUpTo = -1;
  #token: string | undefined;
  #tokenSetAt = Number.NEGATIVE_INFINITY;
  #muted = false;
  #segmentWanted = false;
  #hopelessSince: number | null = null;
  #gaps: Gap[] = [];
  #reportedAt = Number.NEGATIVE_INFINITY;
  #reported: Delivery["kind"] | null = null;
  #result: Ended | null = null;

  constructor(options: StreamSenderOptions) {
    this.#options = options;
    const { continues, restores } = options;
    const now = options.clock.now();
    const restored = restores?.stored.state;
    this.#startedAt = restored?.startedAt ?? now;
    // Numbers of its own: what a former sender has opened last, nobody knows.
    this.#firstConnection =
      continues?.firstConnection ?? (restored ? restored.firstConnection + CONNECTIONS_PER_SENDER : 0);
    this.#ledger = new RangeLedger(restored?.ranges ?? continues?.ranges, restored?.lastRangeIsOpen);
    this.#connections = continues || restored ? 1 : 0;
    this.#outbox = restores
      ? Outbox.restore(options.limits.outbox, restores.stored, now)
      : new Outbox(options.limits.outbox, continues && lostOutbox(continues), now);
    if (restored) {
      this.#phase = "finishing";
      this.#earlier = { chunks: restored.chunks, bytes: restored.bytes };
      this.#gaps = [...restored.gaps];
      this.#muted = restored.muted;
    }
    // Before any socket: a page that is lost again must not number its sockets as this one does.
    if (restores) this.attachKeeper(restores.keep);
    if (continues) {
      this.#unsettled = continues;
      this.#earlier = { chunks: continues.chunks, bytes: continues.bytes };
      this.#gaps = [...continues.gaps];
      this.#segmentWanted = true;
    }
    const { url, openSocket, clock, random, session, userAgent } = options;
    this.#token = options.token;
    this.#connection = new Connection({
      url,
      openSocket,
      clock,
      random,
      firstRetryTimeoutMs: options.limits.firstRetryTimeoutMs,
      firstConnection: this.#firstConnection,
      hello: (connection) => ({
        type: "hello",
        session,
        resumeFrom: this.#outbox.resumeFrom,
        connection,
        ...(this.#token === undefined ? {} : { token: this.#token }),
        ...(userAgent === undefined ? {} : { client: { userAgent } }),
      }),
      answerDueSince: () => this.#outbox.oldestInFlightSentAt ?? this.#endSentAt,
      messageMs: () => this.#messageMs(),
      onReady: ({ nextSeq, resumed, limits }) => this.#onReady(nextSeq, resumed, limits.windowBytes),
      onMessage: (message) => this.#onMessage(message),
      onUnauthorised: () => this.#onUnauthorised(),
      onRefused: (seq) => this.#onRefused(seq),
      onTick: () => this.#onTick(),
    });
  }

  start(): void {
    this.#connection.start();
  }

  openSegment(description: SegmentDescription): void {
    if (this.#phase !== "recording") return;
    this.#outbox.openSegment(description);
    this.#segmentWanted = false;
  }

  push(chunk: EncodedChunk): void {
    if (this.#phase !== "recording") return;
    const now = this.#options.clock.now();
    this.#produced.delivered(chunk.payload.byteLength, now);
    this.#producedTo = chunk.capturedTo;
    this.#tellNumbers(this.#outbox.push(chunk, now), chunk);
    this.#wantSegmentWhereNeeded();
    this.#pump();
  }

  closeSegment(): void {
    if (this.#phase !== "recording") return;
    const now = this.#options.clock.now();
    const capturedTo = this.#producedTo ?? now;
    const numbers = this.#outbox.closeSegment(now);
    const payload = new Uint8Array(0);
    if (numbers) this.#tellNumbers(numbers, { capturedFrom: capturedTo, capturedTo, payload });
    this.#pump();
  }

  /** What is kept may be written down from now on. @param make null: there is no place for it. */
  attachKeeper(make: MakeKeeper | null): void {
    const { limits, clock } = this.#options;
    this.#keeper = make === null ? null : make(this.#outbox, () => this.#journalState, limits, clock.now());
    this.#keeper?.setExposed(this.#isExposed);
  }

  setMuted(muted: boolean): void {
    const isNew = muted !== this.#muted;
    this.#muted = muted;
    if (isNew) this.#keeper?.changedState();
    if (this.#connection.state.kind === "open") this.#connection.send({ type: "muted", muted });
  }

  /**
   * Another token for the next `hello`, or none where there is none; a stream that was refused for the last one tries it
   * at once.
   */
  setToken(token: string | undefined): void {
    this.#token = token;
    this.#tokenSetAt = this.#options.clock.now();
    this.#connection.authorise();
  }

  /** A page that is hidden may be gone at any moment, and is not asked. */
  network(event: NetworkEvent): void {
    if (event === "hidden" || event === "visible") {
      this.#isExposed = event === "hidden";
      this.#keeper?.setExposed(this.#isExposed);
      this.#keep();
    }
    this.#connection.network(event);
  }

  /**
   * No more chunks come: delivers what is kept, then has the backend verify the whole.
   *
   * @param recordedTo when the person pressed Stop, where what was recorded until then may be lost with a former sender.
   */
  finish(recordedTo?: number): void {
    if (this.#phase !== "recording") return;
    this.closeSegment();
    this.#phase = "finishing";
    this.#outbox.end(recordedTo);
    this.#connection.tick();
  }

  /** Gives up what is kept. */
  abandon(): void {
    this.#phase = "abandoned";
    this.#connection.close();
    this.#report();
  }

  get status(): SenderStatus {
    const now = this.#options.clock.now();
    const oldest = this.#outbox.oldestPushedAt;
    return {
      delivery: this.#delivery(),
      finishing: this.#phase === "finishing",
      storage: this.#keeper ? this.#keeper.status : this.#keeper === null ? "none" : "opening",
      producedTo: this.#producedTo,
      chunks: this.#earlier.chunks + this.#meter.chunks,
      bytes: this.#earlier.bytes + this.#meter.bytes,
      bytesPerSecond: this.#meter.bytesPerSecond(now),
      keptChunks: this.#outbox.keptChunks,
      keptBytes: this.#outbox.keptPayloadBytes,
      keptMs: this.#outbox.keptMs,
      behindMs: oldest === null ? 0 : Math.max(0, now - oldest),
      rttMs: this.#connection.rttMs,
      offsetMs: this.#connection.offsetMs,
      delays: this.#meter.delays,
      path: this.#path(now),
      gaps: [...this.#gaps, ...this.#outbox.pendingGaps],
      reconnects: Math.max(0, this.#connections - 1),
      viewers: this.#viewers,
    };
  }

  /** Of what is kept, with headers: what would be lost with the page. */
  get unstoredBytes(): number {
    return this.#outbox.unstoredBytes;
  }

  get record(): SenderRecord {
    return {
      resumeFrom: this.#outbox.resumeFrom,
      nextSegment: this.#outbox.nextSegment,
      ranges: this.#ledger.ranges,
      lastRangeIsOpen: this.#unsettled?.lastRangeIsOpen ?? this.#ledger.isOpen,
      gaps: this.#gaps,
      chunks: this.#earlier.chunks + this.#meter.chunks,
      bytes: this.#earlier.bytes + this.#meter.bytes,
    };
  }

  get #journalState(): JournalState {
    return {
      resumeFrom: this.#outbox.resumeFrom,
      segments: this.#outbox.segments,
      ranges: this.#ledger.ranges,
      lastRangeIsOpen: this.#ledger.isOpen,
      gaps: this.#gaps,
      chunks: this.#earlier.chunks + this.#meter.chunks,
      bytes: this.#earlier.bytes + this.#meter.bytes,
      firstConnection: this.#firstConnection,
      startedAt: this.#startedAt,
      muted: this.#muted,
    };
  }

  #path(now: number): PathFigures {
    const outbox = this.#outbox;
    const { state } = this.#connection;
    const oldest = outbox.oldestPushedAt ?? now;
    const inFlightSince = outbox.oldestInFlightSentAt;
    return {
      openForMs: state.kind === "open" ? now - this.#openedAt : null,
      wayMs: this.#wayMs,
      lateMs: Math.max(0, now - oldest - outbox.oldestMs - this.#wayMs),
      silentMs: inFlightSince === null ? 0 : now - Math.max(inFlightSince, this.#ackedAt),
      ackedBytes: this.#meter.bytes,
      producedBytes: this.#produced.bytes,
      keptBytes: outbox.keptBytes,
    };
  }

  #messageMs(): number {
    const pace = this.#paceBytesPerSecond;
    const more = Math.max(0, this.#outbox.oldestInFlightBytes - (pace * USUAL_MESSAGE_MS) / 1_000);
    return (more / Math.max(SLOWEST_BYTES_PER_SECOND, pace / PACE_MAY_FALL)) * 1_000;
  }

  /** What an acknowledgement takes on this path without a queue. */
  get #wayMs(): number {
    const { state, quickestRttMs } = this.#connection;
    return (quickestRttMs ?? 0) + (state.kind === "open" ? state.limits.ackEveryMs : 0);
  }

  #delivery(): Delivery {
    if (this.#result) return { kind: "ended", result: this.#result };
    if (this.#phase === "abandoned") return { kind: "abandoned" };
    const { state, attempt, refusal } = this.#connection;
    switch (state.kind) {
      case "open":
        return { kind: "live" };
      case "offline":
        return { kind: "offline" };
      case "failed":
        return { kind: "failed", code: state.code, message: state.message };
      case "idle":
      case "closed":
      case "unauthorised":
      case "waiting":
      case "opening":
      case "greeting": {
        const retryAtMs = state.kind === "waiting" ? state.retryAt : null;
        const refused = refusal === null ? {} : { refusal };
        return this.#connections === 0
          ? { kind: "connecting", attempt, ...refused }
          : { kind: "reconnecting", attempt, retryAtMs, ...refused };
      }
    }
  }

  #onReady(nextSeq: number, resumed: boolean, windowBytes: number): void {
    const resumedFrom = this.#outbox.resumeFrom;
    this.#settle(nextSeq);
    this.#release(nextSeq - 1);
    if (this.#options.restores) this.#outbox.endEarly(nextSeq, this.#options.clock.now());
    this.#giveUpRefused();
    this.#outbox.rewind();
    this.#window = new SendWindow(windowBytes);
    this.#viewers = 0;
    this.#announced = null;
    this.#endSentAt = null;
    this.#openedAt = this.#options.clock.now();
    this.#connections++;
    if (!resumed && resumedFrom > 0) {
      this.#ledger.breakRange();
      if (this.#phase === "recording") this.#options.onSegmentWanted("backend-restarted");
    }
    if (this.#muted) this.#connection.send({ type: "muted", muted: true });
    this.#report();
  }

  #onUnauthorised(): boolean {
    const { onTokenWanted, clock } = this.#options;
    if (!onTokenWanted || clock.now() - this.#tokenSetAt < TOKEN_TRUSTED_MS) return false;
    onTokenWanted();
    return true;
  }

  #onMessage(message: StreamMessage): void {
    switch (message.type) {
      case "ack":
        this.#connection.answered();
        this.#onAck(message.seq, message.t);
        // What is left is what the person waits for.
        if (this.#phase === "finishing") this.#report(true);
        return;
      case "ended":
        this.#result = message;
        this.#connection.close();
        this.#report();
        return;
      case "watched":
        this.#viewers = message.viewers;
        this.#report();
        return;
    }
  }

  #onAck(seq: number, arrivedAt: number): void {
    const now = this.#options.clock.now();
    const limited = this.#outbox.peek() !== undefined;
    const inFlight = this.#outbox.inFlightBytes;
    const newest = this.#release(seq);
    if (!newest) return;
    this.#ackedAt = now;
    this.#paceBytesPerSecond = this.#meter.bytesPerSecond(now);
    const released = inFlight - this.#outbox.inFlightBytes;
    this.#window.onAck(released, now - newest.sentAt, limited, now, this.#wayMs);
    const { offsetMs } = this.#connection;
    if (newest.kind === "chunk" && newest.to === seq && offsetMs !== null) {
      this.#meter.delay(arrivedAt - (newest.capturedFrom + offsetMs));
    }
  }

  #tellNumbers(
    numbers: Numbers,
    { capturedFrom, capturedTo, payload }: Pick<EncodedChunk, "capturedFrom" | "capturedTo" | "payload">,
  ): void {
    this.#options.onNumbered?.({ ...numbers, capturedFrom, capturedTo, bytes: payload.byteLength });
  }

  /** The backend has said for the first time what of a lost sender's chunks it has. */
  #settle(nextSeq: number): void {
    const continues = this.#unsettled;
    if (!continues) return;
    this.#unsettled = null;
    const { arrived, arrivedChunks, arrivedBytes, arrivedTo } = settle(continues, nextSeq);
    this.#ledger.arrivedUnhashed(arrived, continues.lastRangeIsOpen);
    this.#earlier = {
      chunks: this.#earlier.chunks + arrivedChunks,
      bytes: this.#earlier.bytes + arrivedBytes,
    };
    const moved = this.#outbox.settleLost(nextSeq, arrivedTo);
    if (moved.by > 0) this.#options.onRenumbered?.(moved);
  }

  #release(seq: number) {
    const now = this.#options.clock.now();
    const released = this.#outbox.acknowledge(seq);
    for (const entry of released) {
      if (entry.kind === "gap") {
        const gap = gapOf(entry);
        this.#gaps.push(gap);
        this.#options.onGap(gap);
      } else {
        const payload = payloadOf(this.#messageOf(entry));
        this.#connection.progressed();
        this.#ledger.delivered(entry.segment, entry.from, payload);
        this.#meter.delivered(payload.byteLength, now);
      }
    }
    this.#keeper?.dropped(released);
    const newest = released.at(-1);
    if (newest) this.#options.onAcknowledged?.(newest.to);
    return newest;
  }

  /** @param seq undefined where a proxy closed the connection, which counts no chunks. */
  #onRefused(seq: number | undefined): void {
    if (seq === undefined) this.#refusedUpTo = this.#outbox.highestSent;
    else this.#giveUp(seq);
  }

  /** Which chunk was refused without a word: the first that was sent and that the backend has not. */
  #giveUpRefused(): void {
    const { resumeFrom } = this.#outbox;
    if (resumeFrom <= this.#refusedUpTo) this.#giveUp(resumeFrom);
    this.#refusedUpTo = -1;
  }

  #giveUp(seq: number): void {
    this.#outbox.refuse(seq, this.#options.clock.now());
    this.#wantSegmentWhereNeeded();
  }

  /** Asks once per segment. */
  #wantSegmentWhereNeeded(): void {
    const reason = this.#segmentReason();
    if (reason && !this.#segmentWanted) this.#options.onSegmentWanted(reason);
    this.#segmentWanted = reason !== null;
  }

  #segmentReason(): SegmentReason | null {
    if (this.#outbox.needsSegment) return "gap";
    switch (this.#connection.state.kind) {
      case "waiting":
      case "offline":
      case "unauthorised":
      case "opening":
      case "greeting":
        return this.#outbox.openSegmentUnsentMs >= OUTAGE_SEGMENT_MS ? "outage" : null;
      case "idle":
      case "open":
      case "closed":
      case "failed":
        return null;
    }
  }

  #onTick(): void {
    const { state } = this.#connection;
    this.#keep();
    if (state.kind === "open") {
      this.#skipIfHopeless();
      this.#pump();
    }
    this.#report();
  }

  /** Not while it is unknown what a lost sender left to be told. */
  #keep(): void {
    if (this.#unsettled || this.#phase === "abandoned" || this.#result) return;
    const now = this.#options.clock.now();
    const oldest = this.#outbox.oldestPushedAt ?? now;
    this.#keeper?.follow(now, now - oldest - this.#wayMs);
  }

  #skipIfHopeless(): void {
    const now = this.#options.clock.now();
    const backlog = {
      behindMs: now - (this.#outbox.oldestUnsentPushedAt ?? now),
      keptBytes: this.#outbox.keptBytes,
      drainBytesPerSecond: this.#meter.bytesPerSecond(now),
      produceBytesPerSecond: this.#phase === "recording" ? this.#produced.bytesPerSecond(now) : 0,
      openForMs: now - this.#openedAt,
    };
    const { skip } = this.#options.limits;
    // What is safe is caught up with, unless that takes longer than it is late.
    const isSafe = this.#keeper?.status === "writing";
    const policy = isSafe ? { ...skip, maxCatchUpMs: Math.max(skip.maxCatchUpMs, backlog.behindMs) } : skip;
    if (this.#phase !== "recording" || !shouldSkip(policy, backlog)) {
      this.#hopelessSince = null;
      return;
    }
    this.#hopelessSince ??= now;
    if (now - this.#hopelessSince < HOPELESS_MS) return;
    this.#hopelessSince = null;
    this.#outbox.skip("too-far-behind", now);
    this.#wantSegmentWhereNeeded();
  }

  #pump(): void {
    if (this.#connection.state.kind !== "open") return;
    const now = this.#options.clock.now();
    const windowBytes = this.#window.bytesAt(now, this.#wayMs);
    for (let entry = this.#outbox.peek(); entry; entry = this.#outbox.peek()) {
      if (entry.kind === "gap") {
        this.#connection.send({ type: "gap", ...gapOf(entry) });
      } else {
        const inFlight = this.#outbox.inFlightBytes;
        if (inFlight > 0 && inFlight + entry.bytes > windowBytes) return;
        this.#announce(entry.segment);
        entry.message = this.#messageOf(entry);
        this.#connection.send(entry.message);
      }
      this.#outbox.markSent(now);
    }
    if (this.#phase === "finishing" && this.#outbox.isEmpty && this.#endSentAt === null) {
      this.#endSentAt = now;
      this.#connection.send({ type: "end", lastSeq: this.#outbox.lastSeq, segments: this.#ledger.ranges });
    }
  }

  #messageOf(entry: ChunkEntry): Uint8Array<ArrayBuffer> {
    const message = entry.message ?? this.#keeper?.messageOf(entry);
    if (!message) throw new Error(`Chunk ${entry.from} lies nowhere.`);
    return message;
  }

  #announce(segment: number): void {
    if (this.#announced === segment) return;
    const description = this.#outbox.describe(segment);
    if (!description) throw new Error(`Segment ${segment} was forgotten before its last chunk left.`);
    this.#announced = segment;
    this.#connection.send({ type: "segment", segment, ...description });
  }

  /** At once when the kind of delivery changed, else at the pace of a screen's figures. */
  #report(isNews = false): void {
    const now = this.#options.clock.now();
    const { kind } = this.#delivery();
    if (!isNews && kind === this.#reported && now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reported = kind;
    this.#reportedAt = now;
    this.#options.onStatus(this.status);
  }
}

function lostOutbox({ resumeFrom, acknowledgedTo, numbered, nextSegment }: Continuation): LostOutbox {
  const [first] = numbered;
  const last = numbered.at(-1);
  return {
    from: resumeFrom,
    to: last?.seq ?? resumeFrom,
    capturedFrom: acknowledgedTo ?? first?.capturedFrom ?? null,
    capturedTo: last?.capturedTo ?? acknowledgedTo,
    nextSegment,
  };
}
