"use client";

import { LeftoverNotice } from "@/components/LeftoverNotice";
import type { Session } from "@/lib/session";
import { useSource } from "@/lib/session/use-source";

export interface EarlierProps {
  readonly session: Session;
  readonly isStrip?: boolean;
}

/** What an earlier page left on this device, if anything. */
export function Earlier({ session, isStrip = false }: EarlierProps) {
  const leftover = useSource(session.leftover);
  if (leftover.kind === "none") return null;
  return <LeftoverNotice leftover={leftover} isStrip={isStrip} onDiscard={() => session.discardLeftover()} />;
}
