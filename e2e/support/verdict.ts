/** What the backend's records say of a stream: is everything there, once, in order, whole and playable? */
import { statSync } from "node:fs";
import { decodeSegments } from "./flows.ts";
import { accountOf, type RecordedStream } from "./recording.ts";

export interface Verdict {
  readonly chunks: number;
  readonly bytes: number;
  readonly connections: number;
  readonly segments: number;
  /** Neither taken nor inside a gap. */
  readonly lost: readonly number[];
  /** Handed to the sink more than once. */
  readonly repeated: readonly number[];
  readonly gaps: readonly { from: number; to: number; ms: number; reason: string }[];
  /** Both ends have the same hash of every range. */
  readonly verified: boolean | null;
  /** Bytes of the files, less those of the chunks. */
  readonly strayBytes: number;
  /** By ffmpeg, per segment that has any. A segment that a gap cut short may end in the middle of a block. */
  readonly complaints: readonly string[];
}

const CUT_SHORT = /^.*File ended prematurely.*$/gm;

/** @param folder where ffmpeg's input may be laid. */
export async function judge(stream: RecordedStream, folder: string): Promise<Verdict> {
  const { missing, repeated } = accountOf(stream);
  const bytes = stream.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const files = stream.segmentFiles.flatMap((segment) => segment.files);
  const decoded = await decodeSegments(stream, folder);
  const complaints = stream.segmentFiles.map(({ segment }, index) => {
    const said = decoded[index]?.complaints ?? "";
    const isWhole = stream.chunks.findLast((chunk) => chunk.segment === segment)?.last ?? false;
    return isWhole ? said : said.replace(CUT_SHORT, "").trim();
  });
  return {
    chunks: stream.chunks.length,
    bytes,
    connections: stream.connections,
    segments: stream.segmentFiles.length,
    lost: missing,
    repeated,
    gaps: stream.gaps.map(({ from, to, ms, reason }) => ({ from, to, ms, reason })),
    verified: stream.verified,
    strayBytes: files.reduce((sum, file) => sum + statSync(file).size, 0) - bytes,
    complaints: complaints.filter(Boolean),
  };
}

export const WHOLE = {
  lost: [],
  repeated: [],
  gaps: [],
  verified: true,
  strayBytes: 0,
  complaints: [],
} satisfies Partial<Verdict>;
