"use client";

import { useEffect, useRef } from "react";
import type { Source } from "twincast";
import { follow } from "./follow";

type LiveTextProps<T> = {
  source: Source<T>;
  /** Stable (declared outside the component): a new function subscribes anew. */
  format: (value: T) => string;
  className?: string | undefined;
};

/** Text that follows a source by writing to the DOM: no render per change. Not a live region. */
export function LiveText<T>({ source, format, className }: LiveTextProps<T>) {
  const ref = useRef<HTMLElement>(null);
  useEffect(
    () =>
      follow(source, (value) => {
        const text = format(value);
        // What stands there is not laid out again.
        if (ref.current && ref.current.textContent !== text) ref.current.textContent = text;
      }),
    [source, format],
  );
  // bdi: "96 ms" stays so in a page that runs from right to left
  // A translator would have to follow each change, and figures need no translation.
  return <bdi ref={ref} className={className} translate="no" suppressHydrationWarning />;
}
