"use client";

import type { Session } from "twincast";
import { useSource } from "twincast/react";
import { LeftoverNotice } from "@/components/LeftoverNotice";

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
