/** Recorded sessions, as the backend gives them (protocol/watch.md). */
import {
  array,
  boolean,
  type InferOutput,
  nullable,
  number,
  object,
  optional,
  picklist,
  safeParse,
  string,
} from "valibot";
import type { RecordingSummary } from "../../model/recording";
import type { StreamKind } from "../../model/stream";
import { phoneName } from "../phone-name";

const stream = object({
  bytes: number(),
  gaps: number(),
  segments: optional(
    array(
      object({
        segment: number(),
        file: string(),
        bytes: number(),
        headerMissing: boolean(),
        mimeType: string(),
        capturedFrom: nullable(number()),
        capturedTo: nullable(number()),
      }),
    ),
    [],
  ),
  gapList: optional(array(object({ ms: number(), at: number() })), []),
  mutes: optional(array(object({ at: number(), muted: boolean() })), []),
});

const recording = object({
  id: string(),
  state: picklist(["recording", "ended", "cut"]),
  startedAt: nullable(number()),
  durationMs: nullable(number()),
  bytes: number(),
  verified: optional(nullable(boolean())),
  userAgent: optional(nullable(string())),
  streams: object({ video: optional(stream), audio: optional(stream) }),
});
export type ListedRecording = InferOutput<typeof recording>;

const page = object({ recordings: array(recording), next: nullable(string()) });

const TIMEOUT_MS = 10_000;

export class RecordingsError extends Error {
  override readonly name = "RecordingsError";
}

export class RecordingsApi {
  readonly #origin: string;
  readonly #token: () => string | null;

  /**
   * @param origin scheme, host and path of the backend.
   * @param token what opens it; it travels in a header and never in an address.
   */
  constructor(origin: string, token: () => string | null) {
    this.#origin = origin;
    this.#token = token;
  }

  /** The newest first. @param after what the page before gave as its `next`. */
  async list(
    after: string | null,
  ): Promise<{ recordings: readonly RecordingSummary[]; next: string | null }> {
    const query = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    const read = safeParse(page, await this.#json(`/recordings${query}`));
    if (!read.success) throw new RecordingsError("The backend's list of recordings cannot be read.");
    return { recordings: read.output.recordings.map(summaryOf), next: read.output.next };
  }

  async one(id: string): Promise<ListedRecording> {
    const read = safeParse(recording, await this.#json(`/recordings/${id}`));
    if (!read.success) throw new RecordingsError("What the backend says of the recording cannot be read.");
    return read.output;
  }

  fileUrl(id: string, kind: StreamKind, file: string): string {
    return `${this.#origin}/recordings/${id}/${kind}/${encodeURIComponent(file)}`;
  }

  get requestInit(): { headers: Record<string, string>; cache: RequestCache } {
    const token = this.#token();
    return { headers: token === null ? {} : { authorization: `Bearer ${token}` }, cache: "no-store" };
  }

  /** A whole file, as the phone sent it. */
  async file(id: string, kind: StreamKind, file: string): Promise<Blob> {
    const response = await fetch(this.fileUrl(id, kind, file), this.requestInit).catch(() => null);
    if (!response?.ok) throw new RecordingsError(`The backend does not give ${file}.`);
    return response.blob();
  }

  async #json(path: string): Promise<unknown> {
    const response = await fetch(`${this.#origin}${path}`, {
      ...this.requestInit,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    if (!response) throw new RecordingsError("The backend does not answer.");
    const body = (await response.json().catch(() => null)) as { message?: unknown } | null;
    if (!response.ok) {
      throw new RecordingsError(
        typeof body?.message === "string" ? body.message : "The backend does not give its recordings.",
      );
    }
    return body;
  }
}

function summaryOf(listed: ListedRecording): RecordingSummary {
  const { id, state, startedAt, durationMs, bytes, verified, userAgent, streams } = listed;
  return {
    id,
    name: phoneName(id, userAgent ?? null),
    state,
    startedAt,
    durationMs: durationMs ?? 0,
    bytes,
    gaps: (streams.video?.gaps ?? 0) + (streams.audio?.gaps ?? 0),
    verified: verified ?? null,
  };
}
