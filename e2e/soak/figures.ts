/** Figures of a soak run. Pure. */

/** Nearest-rank percentile. @param p 0 to 1. @returns NaN for no values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

export function summary(valuesMs: readonly number[]): string {
  const figure = (p: number) => `${Math.round(percentile(valuesMs, p))} ms`;
  return valuesMs.length === 0
    ? "none"
    : `median ${figure(0.5)}, p95 ${figure(0.95)}, max ${figure(1)} (${valuesMs.length})`;
}
