/**
 * The one definition of a percentile in this project, nearest rank: the smallest sample that at least this share of the
 * samples does not exceed. The backend's figures follow the same one.
 *
 * @param share 0 to 1; 0.5 is the median.
 * @returns undefined of no samples.
 */
export function percentile(samples: readonly number[], share: number): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
