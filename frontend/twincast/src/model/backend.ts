/** What a look for the backend found, before anything is recorded. */
export type BackendFinding = "answers" | BackendProblem;

/** Why media cannot reach it. */
export type BackendProblem =
  /** Nothing answers at its address. */
  | "silent"
  /** Something answers that is not the backend; the usual cause is an address that was never set. */
  | "not-a-backend"
  /** It answers, but not to pages of this origin. */
  | "refuses-origin"
  /** It answers to a page's requests, and no WebSocket comes through to it. */
  | "no-live-connection"
  /** Its address is http://, and this page's is https://: the browser does not even try. */
  | "insecure-address";

/** Why nothing arrives, or has arrived yet. */
export type BackendTrouble =
  | { readonly kind: BackendProblem }
  /** It takes the stream not yet, and said why. */
  | { readonly kind: "refused"; readonly message: string }
  /** Nothing is known. */
  | { readonly kind: "trying" };
