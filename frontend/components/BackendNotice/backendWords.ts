import type { BackendTrouble } from "twincast";

export interface BackendWords {
  readonly title: string;
  /** What to check, in this order. */
  readonly checks: readonly string[];
  /** Whether the backend's own page tells more. */
  readonly hasHealthLink: boolean;
  /** Whether looking again may find another state of things. */
  readonly canRetry: boolean;
}

/** What is wrong between page and backend. */
export function backendWords(trouble: BackendTrouble, address: string, pageOrigin: string): BackendWords {
  switch (trouble.kind) {
    case "silent":
      return {
        title: `The backend at ${address} does not answer`,
        checks: [
          "Is this device online? Open another page to see.",
          "Is the backend running? Its health page should show a short text.",
        ],
        hasHealthLink: true,
        canRetry: true,
      };
    case "not-a-backend":
      return {
        title: `${address} is not a Twincast backend`,
        checks: ["Whoever runs this page: set BACKEND_URL to the backend's https:// address and restart."],
        hasHealthLink: false,
        canRetry: true,
      };
    case "refuses-origin":
      return {
        title: `The backend at ${address} does not take streams from this page`,
        checks: [`Whoever runs the backend: add ${pageOrigin} to ALLOWED_ORIGINS and restart.`],
        hasHealthLink: false,
        canRetry: true,
      };
    case "no-live-connection":
      return {
        title: "The backend answers, but no live connection comes through",
        checks: [
          "Try another network, such as mobile data instead of Wi-Fi: some block WebSockets.",
          `Whoever runs ${address}: what stands before it must let WebSockets and their sub-protocol through.`,
        ],
        hasHealthLink: false,
        canRetry: true,
      };
    case "insecure-address":
      return {
        title: `Browsers do not let this page connect to ${address}`,
        checks: [
          "This page's address begins with https://, so the backend's has to as well. Whoever runs this page: set BACKEND_URL to it and restart.",
        ],
        hasHealthLink: false,
        canRetry: false,
      };
    case "refused":
      return {
        title: "The backend takes this stream not yet",
        checks: [trouble.message, "It is asked again by itself."],
        hasHealthLink: false,
        canRetry: false,
      };
    case "trying":
      return {
        title: "Nothing has been sent yet",
        checks: [
          `Still trying to reach ${address}. What is recorded is kept on this device until then.`,
          "Stop ends it.",
        ],
        hasHealthLink: false,
        canRetry: false,
      };
  }
}
