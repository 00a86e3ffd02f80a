/**
 * Runs steps in their order, up to two of them side by side, and a step that wants to be alone by itself.
 *
 * @param runStep never rejects
 * @param policy `keepGoing`: whether to start another step after one has failed; `width`: how many may run side by side
 */
export async function runInOrder<Step extends { alone: boolean }, Result extends { ok: boolean }>(
  steps: readonly Step[],
  runStep: (step: Step) => Promise<Result>,
  { keepGoing, width }: { keepGoing: boolean; width: number },
): Promise<{ results: Map<Step, Result>; notRun: Step[] }> {
  const results = new Map<Step, Result>();
  const running = new Set<Promise<void>>();
  const goesOn = () => keepGoing || [...results.values()].every(({ ok }) => ok);

  const untilAtMost = async (most: number) => {
    while (running.size > most) await Promise.race(running);
  };

  for (const step of steps) {
    await untilAtMost(step.alone ? 0 : width - 1);
    if (!goesOn()) break;
    const done = runStep(step).then((result) => {
      results.set(step, result);
      running.delete(done);
    });
    running.add(done);
    if (step.alone) await done;
  }
  await untilAtMost(0);
  return { results, notRun: steps.filter((step) => !results.has(step)) };
}
