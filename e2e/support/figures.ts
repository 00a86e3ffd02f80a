import { percentile } from "../../frontend/twincast/src/percentile.ts";

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** @returns null for no values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const at = (share: number) => percentile(values, share) ?? Number.NaN;
  return { count: values.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}
