import type { Session, SessionEvent } from "twincast";

/** What is worth telling a person, in the page's own words; each event once. */
export const tellOf = (session: Session, tell: (words: string) => void) =>
  session.events.subscribe((event) => {
    const words = wordsOf(event);
    if (words) tell(words);
  });

function wordsOf(event: SessionEvent): string | null {
  switch (event.kind) {
    case "first-acknowledged":
      return "It arrives.";
    case "gap":
      return `${event.stream}: ${event.gap.ms} ms are missing (${event.gap.reason}).`;
    case "device-changed":
      return event.after.kind === "interrupted" ? `${event.device}: interrupted.` : null;
    case "not-permitted":
      return event.message;
    case "stream-changed":
    case "smaller-picture":
    case "device-kept":
    case "over":
      return null;
  }
}
