/**
 * One watched stream, from its socket to its decoder: what it shows, where it stands, and what happened to it in the
 * last minute. Nothing that goes wrong here reaches another stream.
 */
import type { StreamKind } from "../../model/stream";
import type { WatchedStream as WatchedState, WatchedStatus, WatchFailure } from "../../model/watch";
import { type ChunkHeader, decodeChunk, ProtocolError } from "../../protocol/frames";
import type { WatchMessage } from "../../protocol/watch-messages";
import type { ContainerError, Track } from "../container/packets";
import type { Playhead } from "../play/playhead";
import { SegmentReader } from "../play/segment-reader";
import { Strip } from "../play/strip";
import type { TimedPacket } from "../play/timed-packet";
import { type Refusal, WatchConnection, type WatchConnectionOptions } from "./watch-connection";

/** What shows or plays it. */
export interface Player {
  track(track: Track): void;
  packet(packet: TimedPacket): void;
  rejoin(): void;
  close(): void;
}

export type WatchedStreamOptions = Omit<WatchConnectionOptions, "events"> & {
  readonly playhead: Playhead;
  readonly player: Player;
  /** Its status, or its figures, changed. */
  readonly onChange: () => void;
};

const FAILURE_OF: Readonly<Record<Refusal, WatchFailure>> = {
  "ask-secret": "not-allowed",
  "look-at-list": "unknown-stream",
  "give-up": "refused",
};

/** Over which the rate is taken, ms. */
const RATE_SPAN_MS = 2_000;
/** "Skipped" can be read for so long. */
const TELL_SKIP_MS = 4_000;

export class WatchedStream {
  readonly kind: StreamKind;
  readonly #options: WatchedStreamOptions;
  readonly #connection: WatchConnection;
  readonly #reader: SegmentReader;
  readonly #strip = new Strip();
  #status: WatchedStatus = { kind: "connecting", attempt: 0 };
  #isMuted = false;
  /** The phone's clock to the backend's; null where the backend does not know it. */
  #phoneOffsetMs: number | null = null;
  #received: { readonly at: number; readonly bytes: number }[] = [];
  #lastHeader: ChunkHeader | null = null;
  #delayMs: number | null = null;
  #cancelSkipNote: () => void = () => {};

  constructor(options: WatchedStreamOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.#reader = new SegmentReader({
      track: (track) => options.player.track(track),
      packets: (packets) => this.#packets(packets),
      failed: (error) => this.#unreadable(error),
    });
    this.#connection = new WatchConnection({
      ...options,
      events: {
        watching: (message) => this.#watching(message),
        message: (message) => this.#message(message),
        chunk: (message) => this.#chunk(message),
        phoneClock: (offsetMs) => {
          this.#phoneOffsetMs = offsetMs;
        },
        lost: (attempt) => this.#lost(attempt),
        refused: (reaction, message) => this.#fail(FAILURE_OF[reaction], message),
      },
    });
  }

  open(): void {
    this.#connection.open();
    if (this.#status.kind === "resting") this.#set({ kind: "connecting", attempt: 0 });
  }

  /** Nobody looks, or listens: nothing is fetched and nothing decoded. */
  rest(): void {
    if (this.#isOver()) return;
    this.#connection.rest();
    this.#options.player.close();
    this.#delayMs = null;
    this.#set({ kind: "resting" });
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  close(): void {
    this.#cancelSkipNote();
    this.#connection.close();
    this.#options.player.close();
  }

  /** It is on the screen, or in the air, now. */
  shown(capturedAt: number): void {
    const now = this.#options.clock.now();
    this.#delayMs = this.#toNow(capturedAt, now);
    if (this.#status.kind === "joining") this.#set({ kind: "live" });
  }

  /** This computer was too slow for what was captured between these times. */
  skippedHere(from: number, to: number): void {
    this.#strip.add("skipped", this.#onThisClock(from), this.#onThisClock(to));
    this.#noteSkip();
  }

  /** No decoder takes it. */
  noDecoder(detail: string): void {
    this.#fail("no-decoder", detail);
  }

  state(): WatchedState {
    const now = this.#options.clock.now();
    this.#received = this.#received.filter(({ at }) => at > now - RATE_SPAN_MS);
    const bytes = this.#received.reduce((sum, one) => sum + one.bytes, 0);
    return {
      kind: this.kind,
      status: this.#status,
      figures: {
        delayMs: this.#status.kind === "live" || this.#status.kind === "skipped" ? this.#delayMs : null,
        rateKBps: bytes / RATE_SPAN_MS,
        marks: this.#strip.marks(now),
        muted: this.#isMuted,
      },
    };
  }

  #watching({ clockOffsetMs, state, muted }: Extract<WatchMessage, { type: "watching" }>): void {
    const now = this.#options.clock.now();
    this.#phoneOffsetMs = clockOffsetMs ?? this.#phoneOffsetMs;
    this.#mute(muted, now);
    this.#lastHeader = null;
    this.#options.playhead.rejoined(this.kind);
    if (state === "gone") {
      this.#strip.begin("cut", now);
      this.#set({ kind: "gone" });
    } else {
      this.#strip.end("cut", now);
      this.#set({ kind: "joining" });
    }
  }

  #mute(muted: boolean, now: number): void {
    this.#isMuted = muted;
    if (muted) this.#strip.begin("muted", now);
    else this.#strip.end("muted", now);
  }

  #message(message: WatchMessage): void {
    const now = this.#options.clock.now();
    switch (message.type) {
      case "segment":
        // What goes on in the middle of a file cannot be read; its bytes are counted all the same.
        if (message.headerMissing) this.#reader.end();
        else this.#reader.begin(message.mimeType);
        this.#options.playhead.rejoined(this.kind);
        return;
      case "gap": {
        // It lies behind what came last; before anything came, up to now.
        const from = this.#lastHeader ? this.#onThisClock(this.#lastHeader.capturedTo) : now - message.ms;
        this.#strip.add("gap", from, from + message.ms);
        break;
      }
      case "muted":
        this.#mute(message.muted, now);
        break;
      case "skipped":
        this.#options.player.rejoin();
        this.#options.playhead.rejoined(this.kind);
        this.#strip.add(
          "skipped",
          this.#lastHeader ? this.#onThisClock(this.#lastHeader.capturedTo) : now,
          now,
        );
        this.#noteSkip();
        return;
      case "gone":
        this.#strip.begin("cut", now);
        this.#set({ kind: "gone" });
        return;
      case "resumed":
        this.#strip.end("cut", now);
        this.#set({ kind: "joining" });
        return;
      case "ended":
        this.#strip.end("cut", now);
        this.#strip.end("muted", now);
        this.#set({ kind: "ended", verified: message.verified });
        this.#connection.close();
        return;
    }
    this.#options.onChange();
  }

  #chunk(message: Uint8Array): void {
    const now = this.#options.clock.now();
    this.#received.push({ at: now, bytes: message.byteLength });
    let chunk: ReturnType<typeof decodeChunk>;
    try {
      chunk = decodeChunk(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("unreadable", error.message);
      return;
    }
    const { header, payload } = chunk;
    this.#lastHeader = header;
    this.#reader.chunk(payload, header.capturedTo);
  }

  #packets(packets: readonly TimedPacket[]): void {
    const [first] = packets;
    const last = this.#lastHeader;
    if (!first || !last) return;
    // Not the chunk's own beginning, which is the end of the one before: a picture has no length.
    const now = this.#options.clock.now();
    this.#options.playhead.arrived(
      this.kind,
      Math.min(first.capturedAt, last.capturedTo),
      last.capturedTo,
      now,
    );
    for (const packet of packets) this.#options.player.packet(packet);
    // Sound that nobody listens to is not decoded; it is live when it arrives.
    if (this.kind === "audio" && this.#status.kind === "joining") this.#set({ kind: "live" });
  }

  #lost(attempt: number): void {
    this.#delayMs = null;
    this.#set(this.#hasBeenWatched() ? { kind: "reconnecting", attempt } : { kind: "connecting", attempt });
  }

  #hasBeenWatched(): boolean {
    return this.#status.kind !== "connecting";
  }

  #unreadable(error: ContainerError): void {
    this.#fail(error.code === "codec" ? "no-decoder" : "unreadable", error.message);
  }

  #fail(code: WatchFailure, message: string): void {
    if (this.#isOver()) return;
    this.#connection.close();
    this.#options.player.close();
    this.#set({ kind: "failed", code, message });
  }

  #noteSkip(): void {
    this.#cancelSkipNote();
    this.#set({ kind: "skipped" });
    this.#cancelSkipNote = this.#options.clock.after(TELL_SKIP_MS, () => {
      if (this.#status.kind === "skipped") this.#set({ kind: "live" });
    });
  }

  #set(status: WatchedStatus): void {
    if (this.#isOver()) return;
    this.#status = status;
    this.#options.onChange();
  }

  #isOver(): boolean {
    return this.#status.kind === "ended" || this.#status.kind === "failed";
  }

  /** From capture to now; null where one of the clocks is not known. */
  #toNow(capturedAt: number, now: number): number | null {
    const here = this.#connection.offsetMs;
    if (here === null || this.#phoneOffsetMs === null) return null;
    return now + here - (capturedAt + this.#phoneOffsetMs);
  }

  #onThisClock(capturedAt: number): number {
    return capturedAt + (this.#phoneOffsetMs ?? 0) - (this.#connection.offsetMs ?? 0);
  }
}
