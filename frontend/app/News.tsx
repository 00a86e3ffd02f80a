"use client";

import { LiveRegion } from "@/components/LiveRegion";
import { Toasts } from "@/components/Toasts";
import type { Session } from "@/lib/session/session";
import { useSource } from "@/lib/session/use-source";

/** What is worth telling, on the screen and to screen readers. */
export function News({ session }: { session: Session }) {
  return (
    <>
      <Toasts toasts={useSource(session.news)} onDismiss={(id) => session.dismissNews(id)} />
      <LiveRegion announcement={useSource(session.announcement)} />
    </>
  );
}
