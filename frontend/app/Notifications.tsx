"use client";

import { type ComponentType, useEffect, useState } from "react";
import { useSource } from "twincast/react";
import type { ToastsProps } from "@/components/Toasts";
import type { Announcer } from "./telling";

const loadToasts = () => import("./ToastsInMotion").then((module) => module.ToastsInMotion);

type NotificationsProps = {
  readonly announcer: Announcer;
  /** Fetches what shows them before there is any: when there is one, the network may be gone. */
  readonly isPrepared?: boolean;
};

/** What is worth telling, on the screen. The first screen mostly has nothing to tell. */
export function Notifications({ announcer, isPrepared = false }: NotificationsProps) {
  const toasts = useSource(announcer.notifications);
  const [Toasts, setToasts] = useState<ComponentType<ToastsProps> | null>(null);
  // Each one that cannot be shown yet is a reason to try again.
  const unshown = !Toasts && (isPrepared || toasts.length > 0) ? toasts : null;
  useEffect(() => {
    if (!unshown) return;
    let isMounted = true;
    loadToasts().then(
      (loaded) => isMounted && setToasts(() => loaded),
      // What they say is said by the live region all the same.
      () => {},
    );
    return () => {
      isMounted = false;
    };
  }, [unshown]);
  return Toasts && <Toasts toasts={toasts} onDismiss={(id) => announcer.dismiss(id)} />;
}
