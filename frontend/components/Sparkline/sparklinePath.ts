/** The last minute, at one sample a second. */
export const SAMPLES = 60;

const WIDTH = 100;
const HEIGHT = 24;
/** Half the pen's width, so that a line at the top or bottom is not cut. */
const MARGIN = 1.5;

/**
 * @param samples oldest first; those before the last 60 are left out. The newest one is drawn at the end of the box.
 * @param ceiling the value at full height, unless a sample is above it.
 * @returns SVG path data in a box of 100 x 24; empty for no samples.
 */
export function sparklinePath(samples: readonly number[], ceiling: number): { line: string; area: string } {
  const shown = samples.slice(-SAMPLES);
  if (shown.length === 0) return { line: "", area: "" };
  const top = Math.max(ceiling, ...shown, Number.MIN_VALUE);
  const step = WIDTH / (SAMPLES - 1);
  const from = WIDTH - (shown.length - 1) * step;
  const points = shown.map((sample, i) => {
    const y = HEIGHT - MARGIN - (Math.max(0, sample) / top) * (HEIGHT - 2 * MARGIN);
    return `${(from + i * step).toFixed(2)},${y.toFixed(2)}`;
  });
  const line = shown.length === 1 ? `M${points[0]}h0.01` : `M${points.join("L")}`;
  return { line, area: `M${from.toFixed(2)},${HEIGHT}L${points.join("L")}L${WIDTH},${HEIGHT}Z` };
}
