/**
 * What the backend took, as its file sink wrote it down: the side from which tests judge.
 */

import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import type { StreamKind } from "twincast";

interface ChunkEvent {
  readonly event: "chunk";
  readonly seq: number;
  readonly segment: number;
  readonly bytes: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly capturedFrom: number;
  readonly capturedTo: number;
  readonly receivedAt: number;
  readonly delayMs: number | null;
}
interface GapEvent {
  readonly event: "gap";
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  readonly reason: string;
}
interface SegmentEvent {
  readonly event: "segment";
  readonly file: string;
  readonly from_seq: number;
  readonly segment: {
    readonly segment: number;
    readonly mime_type: string;
    readonly encoder: { readonly name: string; readonly reason: string } | null;
    readonly width: number | null;
    readonly facing: "user" | "environment" | null;
  };
}
interface OtherEvent {
  readonly event: "opened" | "file" | "muted" | "ended" | "closed";
  readonly how?: string;
  readonly muted?: boolean;
  readonly verified?: boolean;
}
type RecordedEvent = ChunkEvent | GapEvent | SegmentEvent | OtherEvent;

export class Recording {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Session ids, oldest first. */
  get sessions(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder);
  }

  stream(kind: StreamKind, session?: string): RecordedStream {
    const id = session ?? this.sessions[0];
    return new RecordedStream(kind, path.join(this.#folder, id ?? "none", kind));
  }
}

/** The file of events only grows: each look reads what is new. */
export class RecordedStream {
  readonly kind: StreamKind;
  readonly #folder: string;
  readonly #events: RecordedEvent[] = [];
  #readBytes = 0;

  constructor(kind: StreamKind, folder: string) {
    this.kind = kind;
    this.#folder = folder;
  }

  get events(): readonly RecordedEvent[] {
    const file = path.join(this.#folder, "events.jsonl");
    if (!existsSync(file)) return [];
    const descriptor = openSync(file, "r");
    const added = Buffer.alloc(fstatSync(descriptor).size - this.#readBytes);
    readSync(descriptor, added, 0, added.length, this.#readBytes);
    closeSync(descriptor);
    // The line that is being written has no end yet.
    const whole = added.subarray(0, added.lastIndexOf("\n") + 1);
    this.#readBytes += whole.length;
    for (const line of whole.toString("utf8").split("\n").slice(0, -1)) {
      this.#events.push(JSON.parse(line) as RecordedEvent);
    }
    return this.#events;
  }

  get chunks(): readonly ChunkEvent[] {
    return this.events.filter((event) => event.event === "chunk");
  }

  /** The newest, or undefined before the first. */
  get lastChunk(): ChunkEvent | undefined {
    return this.events.findLast((event) => event.event === "chunk");
  }

  get gaps(): readonly GapEvent[] {
    return this.events.filter((event) => event.event === "gap");
  }

  /** Times that a socket opened the stream. */
  get connections(): number {
    return this.events.filter(({ event }) => event === "opened").length;
  }

  get mutes(): readonly boolean[] {
    return this.events.flatMap((event) =>
      event.event === "muted" && event.muted !== undefined ? [event.muted] : [],
    );
  }

  /** The backend's verdict, or null before the end. */
  get verified(): boolean | null {
    const ended = this.events.findLast(({ event }) => event === "ended");
    return ended?.event === "ended" ? (ended.verified ?? false) : null;
  }

  /**
   * One file per segment. A segment that two backend processes took is two files; laid end to end they are whole.
   */
  get segmentFiles(): { segment: number; mimeType: string; files: string[] }[] {
    const segments = new Map<number, { segment: number; mimeType: string; files: string[] }>();
    for (const event of this.events) {
      if (event.event !== "segment") continue;
      const { segment, mime_type: mimeType } = event.segment;
      const entry = segments.get(segment) ?? { segment, mimeType, files: [] };
      const file = path.join(this.#folder, event.file);
      if (!entry.files.includes(file)) entry.files.push(file);
      segments.set(segment, entry);
    }
    return [...segments.values()];
  }

  /** How each segment was announced, in order; one that was resumed is announced again. */
  get announcements(): readonly SegmentEvent["segment"][] {
    return this.events.flatMap((event) => (event.event === "segment" ? [event.segment] : []));
  }

  /** Every payload byte in order. */
  get sha256(): string {
    const hash = createHash("sha256");
    for (const { files } of this.segmentFiles) for (const file of files) hash.update(readFileSync(file));
    return hash.digest("hex");
  }
}

/** Every seq from 0 to the last one, each once and in order, or inside exactly one gap. @returns what breaks that. */
export function accountOf(stream: RecordedStream): {
  missing: number[];
  repeated: number[];
  lastSeq: number;
} {
  const seen = new Map<number, number>();
  for (const event of stream.events) {
    if (event.event === "chunk") seen.set(event.seq, (seen.get(event.seq) ?? 0) + 1);
    if (event.event === "gap") {
      for (let seq = event.from; seq <= event.to; seq++) seen.set(seq, (seen.get(seq) ?? 0) + 1);
    }
  }
  const lastSeq = Math.max(-1, ...seen.keys());
  const missing: number[] = [];
  const repeated: number[] = [];
  for (let seq = 0; seq <= lastSeq; seq++) {
    const times = seen.get(seq) ?? 0;
    if (times === 0) missing.push(seq);
    if (times > 1) repeated.push(seq);
  }
  return { missing, repeated, lastSeq };
}
