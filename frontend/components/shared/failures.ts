/** Why a stream ended for good, in words for the person in front of it. */

export interface FailureWords {
  /** Two or three words, for where a sentence has no room. */
  readonly brief: string;
  /** One short sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}

const REPORT = "Tell whoever runs the backend.";

/** By the protocol's names of final close codes, and those of encoders. */
const FAILURES: Readonly<Record<string, FailureWords>> = {
  "wrong-origin": {
    brief: "Page not allowed",
    what: "The backend takes no streams from this page.",
    advice: "Whoever runs the backend has to add this page's address to ALLOWED_ORIGINS.",
  },
  unauthorised: {
    brief: "No longer allowed",
    what: "The backend takes this session's permission no more.",
    advice: "Start a new session.",
  },
  displaced: {
    brief: "Taken by another page",
    what: "Another page carries on with this session.",
    advice: "Close the other one, or start a new session here.",
  },
  "already-ended": {
    brief: "Closed by the backend",
    what: "The backend has closed this session.",
    advice: "Start a new session.",
  },
  "sink-failed": {
    brief: "Could not be stored",
    what: "The backend could not store what it was sent.",
    advice: REPORT,
  },
  "bad-subprotocol": {
    brief: "Network in the way",
    what: "What is between this page and the backend changes their connection.",
    advice: "Try another network, such as mobile data instead of Wi-Fi.",
  },
  "bad-message": {
    brief: "Not understood",
    what: "This page and the backend do not understand each other.",
    advice: "Load the page again: the backend may be newer than this page.",
  },
  "bad-address": {
    brief: "Wrong address",
    what: "The browser does not connect to the backend's address.",
    advice: "Whoever runs this page has to set BACKEND_URL to the backend's https:// address.",
  },
  unsupported: {
    brief: "Cannot encode",
    what: "This browser cannot encode.",
    advice: "Open the page in an up-to-date Safari or Chrome.",
  },
  "no-bytes": {
    brief: "Encoder gave nothing",
    what: "This browser's encoder gave nothing.",
    advice: "Close other tabs and apps, or try another browser.",
  },
  "not-loaded": {
    brief: "Page not complete",
    what: "A part of this page could not be loaded.",
    advice: "Load the page again.",
  },
  "worker-lost": {
    brief: "Ended by the system",
    what: "The system kept ending the part of this page that sends.",
    advice: "Close other apps and load the page again.",
  },
  broken: {
    brief: "Encoder stopped",
    what: "The encoder stopped working.",
    advice: "Start a new session; if that does not help, load the page again.",
  },
  unfinished: { brief: "Not ended", what: "The stream has not ended.", advice: "Load the page again." },
};

/** @param code from the backend or the encoder; one that is in no table is still a refusal. */
export function failureWords(code: string): FailureWords {
  return FAILURES[code] ?? { brief: "Refused", what: "The backend refused the stream.", advice: REPORT };
}
