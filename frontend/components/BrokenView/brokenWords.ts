import type { BehindView } from "./types";

/** What still goes on, and what a person can do about it. */
export const BEHIND_WORDS: Readonly<Record<BehindView, string>> = {
  nothing: "Nothing is being sent. Show the page again, or load it anew.",
  streaming: "Streaming goes on. Stop it here, or show the page again.",
  finishing: "Nothing is recorded any more. What is left is still being sent: keep this page open.",
};
