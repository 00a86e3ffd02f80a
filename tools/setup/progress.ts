/**
 * Says what a step of the set-up is doing, and how long it took: the first run is long, and nobody should wonder.
 *
 * @param what a gerund, such as "Installing the packages"
 */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  process.stdout.write(`${what} … `);
  try {
    const result = await work();
    console.log(`done in ${seconds(performance.now() - startedAt)}`);
    return result;
  } catch (error) {
    console.log("failed");
    throw error;
  }
}

/** @returns for people: "0.4 s", "12 s", "3 min 05 s" */
export function seconds(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const whole = Math.round(ms / 1_000);
  if (whole < 120) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
