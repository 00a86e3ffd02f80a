import type { ReactNode } from "react";
import type { StripMark, WatchAccess, WatchedStream } from "twincast/watch";

export type WatchScreenProps = {
  access: WatchAccess;
  /** One tile for each phone that is live, or was a moment ago. */
  tiles: readonly ReactNode[];
  /** Whether one of the tiles is large. */
  hasLargeTile: boolean;
  /** What is recorded; where nothing is, left out. */
  recordings?: ReactNode;
  pageOrigin: string;
  /** The person gave the secret, or a token. */
  onGive: (secret: string) => void;
  onRetry: () => void;
};

export type WatchTileProps = {
  /** What the phone is called here. */
  name: string;
  streams: readonly WatchedStream[];
  /** Where its pictures are drawn. */
  picture: ReactNode;
  size: "in-grid" | "large" | "small";
  /** Whether its sound is on. */
  isHeard: boolean;
  onHear: (heard: boolean) => void;
  onEnlarge: (large: boolean) => void;
};

export type LastMinuteProps = {
  marks: readonly StripMark[];
  /** What it is of, at the start of a sentence. */
  of: string;
};
