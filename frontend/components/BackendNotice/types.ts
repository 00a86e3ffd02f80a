import type { BackendProblem } from "@/model/backend";

export type BackendNoticeProps = {
  problem: BackendProblem;
  /** The backend's address as it is set, e.g. `https://backend.example.com`. */
  address: string;
  /** Scheme and host of this page, as the backend must know it. */
  pageOrigin: string;
  onRetry: () => void;
};
