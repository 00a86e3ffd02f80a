/** Opens the files of a recording by Mediabunny, which reads what a phone's browser writes, whichever it is. */
import { ALL_FORMATS, BlobSource, Input, type InputTrack, UrlSource } from "mediabunny";
import type { StreamKind } from "../../model/stream";
import type { RecordingsApi } from "./recordings-api";
import type { Piece } from "./timeline";

/** A file that does not come is asked for again so often; then it is told. */
const RETRIES = 3;

/** @returns an input that its caller disposes of; by Range requests where one file is all of it. */
export async function openPiece(api: RecordingsApi, id: string, piece: Piece): Promise<Input> {
  const { stream, files } = piece;
  const [file] = files;
  if (file !== undefined && files.length === 1) {
    const source = new UrlSource(api.fileUrl(id, stream, file), {
      requestInit: api.requestInit,
      getRetryDelay: (previousAttempts) => (previousAttempts < RETRIES ? 0.5 : null),
      handleUnhandledError: () => {},
    });
    return new Input({ source, formats: ALL_FORMATS });
  }
  const parts = await Promise.all(files.map((name) => api.file(id, stream, name)));
  return new Input({ source: new BlobSource(new Blob(parts)), formats: ALL_FORMATS });
}

/** @returns null where the file holds nothing yet. */
export async function trackOf(input: Input, stream: StreamKind): Promise<InputTrack | null> {
  return stream === "video" ? input.getPrimaryVideoTrack() : input.getPrimaryAudioTrack();
}
