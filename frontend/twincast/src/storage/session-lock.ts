/**
 * Which page has which session. A page holds a lock for as long as it lives and has the session; the browser lets go of
 * it however the page ends.
 */
/** In the origin's private file system; a folder for each session. */
export const SESSIONS_FOLDER = "twincast-sessions";

const PREFIX = "twincast-session:";

/**
 * Holds a session for this page. Where there are no locks nothing is stored either.
 * @returns what lets go of it, or null where another page has it.
 */
export async function holdSession(session: string): Promise<(() => void) | null> {
  const { locks } = navigator;
  if (!locks) return () => {};
  return new Promise((resolve) => {
    let release: () => void = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    locks
      .request(PREFIX + session, { ifAvailable: true }, (lock) => {
        resolve(lock ? release : null);
        return lock ? held : undefined;
      })
      .catch(() => resolve(null));
  });
}

/** The sessions that some page of this origin has now. */
export async function heldSessions(): Promise<string[]> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.flatMap(({ name = "" }) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
}

/** Resolves when no page has the session any more. */
export async function whenLetGo(session: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(PREFIX + session, { signal }, () => {});
}
