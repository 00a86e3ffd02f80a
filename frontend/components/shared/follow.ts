import type { Source } from "@/model/source";

/** Figures that change faster than this are a flicker, not information. */
const READABLE_EVERY_MS = 250;

/**
 * Writes a source's value now and after changes, at most once per `everyMs`; the last change is always written.
 *
 * @returns the function that ends it.
 */
export function follow<T>(
  source: Source<T>,
  write: (value: T) => void,
  everyMs = READABLE_EVERY_MS,
): () => void {
  let writtenAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    writtenAt = performance.now();
    write(source.get());
  };
  flush();
  const unsubscribe = source.subscribe(() => {
    if (timer !== undefined) return;
    const wait = writtenAt + everyMs - performance.now();
    if (wait <= 0) flush();
    else timer = setTimeout(flush, wait);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
