/**
 * What a client does when a socket closes (protocol/README.md, "Close codes").
 */

/** `retry`: open another socket. `drop-chunk`: report the refused chunk as a gap, then retry. `give-up`: fail. */
export type CloseReaction = "retry" | "drop-chunk" | "give-up";

/** The page's origin is not on the backend's list: the one refusal that a page asks for before it streams. */
export const WRONG_ORIGIN = 4403;

/** The token of `hello` is missing, wrong or has expired: worth another one, where there are others. */
export const UNAUTHORISED = 4401;

const GIVE_UP: ReadonlyMap<number, string> = new Map([
  [4400, "bad-message"],
  [UNAUTHORISED, "unauthorised"],
  [WRONG_ORIGIN, "wrong-origin"],
  [4406, "bad-subprotocol"],
  [4409, "displaced"],
  [4410, "already-ended"],
  [4500, "sink-failed"],
]);
const DROP_CHUNK: ReadonlySet<number> = new Set([1009, 4413]);

/** @returns what to do after this close code; one that is in no table is worth another try. */
export function closeReaction(closeCode: number): CloseReaction {
  if (GIVE_UP.has(closeCode)) return "give-up";
  return DROP_CHUNK.has(closeCode) ? "drop-chunk" : "retry";
}

/** @returns the error code's name where the close code is one that the client gives up on. */
export function fatalCodeName(closeCode: number): string | undefined {
  return GIVE_UP.get(closeCode);
}
