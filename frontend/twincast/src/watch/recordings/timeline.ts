/**
 * Both streams of a recorded session on one timeline. They are stamped by one clock, so each segment lies where its first
 * media were captured, and what never came is a hole of its own length. Pure; ms from the session's first media.
 */
import type { RecordedFile, TimelineMark } from "../../model/recording";
import type { StreamKind } from "../../model/stream";

export interface ListedSegment {
  readonly segment: number;
  readonly file: string;
  readonly bytes: number;
  readonly headerMissing: boolean;
  readonly mimeType: string;
  readonly capturedFrom: number | null;
  readonly capturedTo: number | null;
}

export interface ListedStream {
  readonly segments: readonly ListedSegment[];
  readonly gapList: readonly { readonly ms: number; readonly at: number }[];
  readonly mutes: readonly { readonly at: number; readonly muted: boolean }[];
}

/** What one encoder made, from its start to its end: a file that decodes alone. */
export interface Piece {
  readonly stream: StreamKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly mimeType: string;
  /** Laid end to end they are the file. */
  readonly files: readonly string[];
}

export interface Timeline {
  readonly durationMs: number;
  readonly pieces: Readonly<Record<StreamKind, readonly Piece[]>>;
  readonly marks: readonly TimelineMark[];
  readonly files: readonly RecordedFile[];
}

export function timelineOf(streams: Partial<Readonly<Record<StreamKind, ListedStream>>>): Timeline {
  const kinds = (["video", "audio"] as const).flatMap((stream) => {
    const listed = streams[stream];
    return listed ? [{ stream, listed }] : [];
  });
  const times = kinds.flatMap(({ listed }) => listed.segments.flatMap(spanOf));
  const origin = Math.min(...times.map(({ from }) => from));
  const durationMs = times.length === 0 ? 0 : Math.max(...times.map(({ to }) => to)) - origin;
  const place = (at: number) => Math.min(durationMs, Math.max(0, at - origin));
  const piecesOf = (stream: StreamKind) => pieces(stream, streams[stream]?.segments ?? [], place);
  return {
    durationMs,
    pieces: { video: piecesOf("video"), audio: piecesOf("audio") },
    marks: kinds.flatMap(({ stream, listed }) => [
      ...listed.gapList.map(({ at, ms }) => mark("gap", stream, place(at), place(at + ms))),
      ...mutes(stream, listed.mutes, place, durationMs),
    ]),
    files: kinds.flatMap(({ stream, listed }) =>
      listed.segments.map(({ file, bytes, mimeType }) => ({ stream, name: file, bytes, mimeType })),
    ),
  };
}

function spanOf({ capturedFrom, capturedTo }: ListedSegment): { from: number; to: number }[] {
  return capturedFrom === null || capturedTo === null ? [] : [{ from: capturedFrom, to: capturedTo }];
}

function pieces(
  stream: StreamKind,
  segments: readonly ListedSegment[],
  place: (at: number) => number,
): Piece[] {
  const found: { number: number; piece: Piece }[] = [];
  for (const segment of segments) {
    const [span] = spanOf(segment);
    if (!span) continue;
    const last = found.at(-1);
    if (segment.headerMissing) {
      // It goes on where another process stopped; without its beginning nothing can be made of it.
      if (last?.number !== segment.segment) continue;
      const { piece } = last;
      last.piece = { ...piece, toMs: place(span.to), files: [...piece.files, segment.file] };
      continue;
    }
    found.push({
      number: segment.segment,
      piece: {
        stream,
        fromMs: place(span.from),
        toMs: place(span.to),
        mimeType: segment.mimeType,
        files: [segment.file],
      },
    });
  }
  return found.map(({ piece }) => piece);
}

function mutes(
  stream: StreamKind,
  changes: readonly { readonly at: number; readonly muted: boolean }[],
  place: (at: number) => number,
  durationMs: number,
): TimelineMark[] {
  const marks: TimelineMark[] = [];
  let since: number | null = null;
  for (const { at, muted } of changes) {
    if (muted) since ??= at;
    else if (since !== null) {
      marks.push(mark("muted", stream, place(since), place(at)));
      since = null;
    }
  }
  if (since !== null) marks.push(mark("muted", stream, place(since), durationMs));
  return marks;
}

const mark = (
  kind: TimelineMark["kind"],
  stream: StreamKind,
  fromMs: number,
  toMs: number,
): TimelineMark => ({
  kind,
  stream,
  fromMs,
  toMs,
});

/** The container in which both streams can be as they are; null where their codecs go into none together. */
export function containerOf(codecs: ReadonlySet<string>): "mp4" | "webm" | null {
  const all = [...codecs];
  if (all.every((codec) => ["vp8", "vp9", "opus"].includes(codec))) return "webm";
  return all.every((codec) => ["avc", "aac", "opus", "vp9"].includes(codec)) ? "mp4" : null;
}
