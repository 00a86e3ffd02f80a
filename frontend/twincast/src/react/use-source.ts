"use client";

import { useSyncExternalStore } from "react";
import type { Source } from "../model/source";

/** The newest value of a source, rendered again when it changes. */
export function useSource<T>(source: Source<T>): T {
  return useSyncExternalStore(source.subscribe, source.get, source.get);
}
