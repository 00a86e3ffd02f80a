"use client";

import { useEffect, useRef, useState } from "react";
import { type CreateSessionOptions, createSession, type Session } from "../session";

/**
 * A session that lives as long as the component: made when it is mounted, disposed of when it goes.
 *
 * @param options as for `createSession`; another `backend` or other `tracks` make another session, the rest is read when
 *   one is made.
 * @returns null on the server and in the first render.
 */
export function useSession(options: CreateSessionOptions = {}): Session | null {
  const [session, setSession] = useState<Session | null>(null);
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });
  const { backend = "", tracks } = options;
  const { video = null, audio = null } = tracks ?? {};
  useEffect(() => {
    const created = createSession({
      ...newest.current,
      backend,
      ...((video || audio) && { tracks: { ...(video && { video }), ...(audio && { audio }) } }),
    });
    setSession(created);
    return () => {
      setSession(null);
      created.dispose();
    };
  }, [backend, video, audio]);
  return session;
}
