import type { Source } from "twincast";
import type { PictureFit } from "@/components/PictureTools";

const KEY = "twincast.picture-fit";

let known: PictureFit | null = null;
const listeners = new Set<() => void>();

/** How this person wants to see the picture; kept from one visit to the next, where the browser keeps anything. */
export const pictureFit: Source<PictureFit> & { set(fit: PictureFit): void } = {
  get: () => {
    known ??= read();
    return known;
  },
  subscribe: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  set: (fit) => {
    known = fit;
    try {
      localStorage.setItem(KEY, fit);
    } catch {
      // It holds for this visit.
    }
    for (const listener of [...listeners]) listener();
  },
};

function read(): PictureFit {
  try {
    return localStorage.getItem(KEY) === "whole" ? "whole" : "fill";
  } catch {
    return "fill";
  }
}
