import type { BackendProblem } from "@/model/backend";

/** What is wrong between page and backend, and what to check, in this order. */
export function backendWords(
  problem: BackendProblem,
  address: string,
  pageOrigin: string,
): { title: string; checks: readonly string[] } {
  switch (problem) {
    case "silent":
      return {
        title: `The backend at ${address} does not answer`,
        checks: [
          "Is this device online? Open another page to see.",
          "Is the backend running? Its address followed by /health should show a short text.",
          "Does its address begin with https:// when this page's does?",
        ],
      };
    case "not-a-backend":
      return {
        title: `${address} is not a Twincast backend`,
        checks: ["Whoever runs this page: set BACKEND_URL to the backend's https:// address and restart."],
      };
    case "refuses-origin":
      return {
        title: `The backend at ${address} does not take streams from this page`,
        checks: [`Whoever runs the backend: add ${pageOrigin} to ALLOWED_ORIGINS and restart.`],
      };
  }
}
