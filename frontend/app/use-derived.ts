"use client";

import { useState, useSyncExternalStore } from "react";
import type { Source } from "twincast";
import { useSource } from "twincast/react";

/** The newest value of a source that is made with the component, and lives as long. */
export function useDerived<T>(make: () => Source<T>): T {
  const [source] = useState(make);
  return useSource(source);
}

/** Where the details stand beside the picture, as in StreamScreen's styles. */
export const PANEL_MEDIA = "(min-width: 64em) and (min-height: 33.8125em)";

/** Whether the screen is such a one now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
    () => false,
  );
}
