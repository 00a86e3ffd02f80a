/** One kind of media in a session; a stream has its own socket, outbox and badge. */
export type StreamKind = "video" | "audio";

/** Chunks that will never come: `from` to `to` (both included), which held `ms` milliseconds of media. */
export type Gap = {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  readonly reason: "outbox-full" | "too-far-behind" | "too-large" | "worker-lost";
};
