import type { Source } from "twincast";
import { READABLE_EVERY_MS, untilNextMs } from "./together";

/**
 * Writes a source's value now and after changes, at most once per `everyMs` and together with what else is written then;
 * the last change is always written.
 *
 * @returns the function that ends it.
 */
export function follow<T>(
  source: Source<T>,
  write: (value: T) => void,
  everyMs = READABLE_EVERY_MS,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    write(source.get());
  };
  flush();
  const unsubscribe = source.subscribe(() => {
    timer ??= setTimeout(flush, untilNextMs(everyMs));
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
