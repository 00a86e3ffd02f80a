"use client";

import { LiveRegion } from "@/components/LiveRegion";
import { Motion } from "@/components/Motion";
import { Toasts } from "@/components/Toasts";
import type { Session } from "@/lib/session";
import { useSource } from "@/lib/session/use-source";

/** What is worth telling, on the screen and to screen readers. */
export function Notifications({ session }: { session: Session }) {
  return (
    <Motion>
      <Toasts toasts={useSource(session.notifications)} onDismiss={(id) => session.dismissNotification(id)} />
      <LiveRegion announcement={useSource(session.announcement)} />
    </Motion>
  );
}
