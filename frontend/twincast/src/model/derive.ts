import type { Source } from "./source";

/**
 * A source that is made of others. Its value stays the one that it is for as long as the new one is the same: who
 * follows it is not bothered with what does not matter to it.
 *
 * @param compute reads the sources.
 */
export function derive<T>(
  sources: readonly Source<unknown>[],
  compute: () => T,
  isSame: (before: T, now: T) => boolean = Object.is,
): Source<T> {
  let known: { readonly value: T } | null = null;
  const get = (): T => {
    const value = compute();
    if (!known || !isSame(known.value, value)) known = { value };
    return known.value;
  };
  return {
    get,
    subscribe: (listener) => {
      let told = get();
      const look = () => {
        const now = get();
        if (now === told) return;
        told = now;
        listener();
      };
      const ends = sources.map((source) => source.subscribe(look));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** For values that are nothing but figures and texts. */
export function isAlike(before: unknown, now: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
