/** Why media cannot reach the backend, found before anything is recorded. */
export type BackendProblem =
  /** Nothing answers at its address. */
  | { kind: "silent" }
  /** Something answers that is not the backend; the usual cause is an address that was never set. */
  | { kind: "not-a-backend" }
  /** It answers, but not to pages of this origin. */
  | { kind: "refuses-origin"; origin: string };

export type BackendNoticeProps = {
  problem: BackendProblem;
  /** The backend's address as it is set, e.g. `https://backend.example.com`. */
  address: string;
  onRetry: () => void;
};
