/** What a look for the backend found, before anything is recorded. */
export type BackendFinding = "answers" | BackendProblem;

/** Why media cannot reach it. */
export type BackendProblem =
  /** Nothing answers at its address. */
  | "silent"
  /** Something answers that is not the backend; the usual cause is an address that was never set. */
  | "not-a-backend"
  /** It answers, but not to pages of this origin. */
  | "refuses-origin";
