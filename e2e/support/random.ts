/** Random numbers that a seed repeats. */

export interface Random {
  /** 0 <= x < 1. */
  next(): number;
  /** from <= x < to. */
  between(from: number, to: number): number;
  shuffled<T>(items: readonly T[]): T[];
}

/** Mulberry32: 32 bits of state, enough to vary tests. https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + next() * (to - from);
  return {
    next,
    between,
    shuffled: (items) => {
      const rest = [...items];
      const out: typeof rest = [];
      while (rest.length > 0) out.push(...rest.splice(Math.floor(between(0, rest.length)), 1));
      return out;
    },
  };
}
