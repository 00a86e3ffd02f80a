"use client";

import { useEffect, useRef, useState } from "react";

const LOOK_EVERY_MS = 1_000;

/**
 * Fails, and the view with it, when the view is on the page no more: what stands there instead, a copy that an extension
 * made, has a Stop that stops nothing.
 */
export function ViewWatch() {
  const mark = useRef<HTMLElement>(null);
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => {
      if (mark.current?.isConnected === false) setGone(true);
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (isGone) throw new Error("Something else stands in this view's place.");
  return <i ref={mark} hidden />;
}
