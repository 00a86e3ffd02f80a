import type { BackendTrouble } from "twincast";

export type BackendNoticeProps = {
  trouble: BackendTrouble;
  /** The backend's address as it is set, e.g. `https://backend.example.com`. */
  address: string;
  /** Where the backend says in a browser that it is there. */
  healthUrl: string;
  /** Scheme and host of this page, as the backend must know it. */
  pageOrigin: string;
  /** Over the picture: the title and the first thing to check. */
  isStrip?: boolean;
  onRetry: () => void;
};
