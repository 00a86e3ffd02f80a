/**
 * Runs steps in their order, up to two of them side by side, and a step that wants to be alone by itself.
 *
 * @template {{ name: string, alone: boolean }} Step
 * @template {{ ok: boolean }} Result
 * @param {readonly Step[]} steps
 * @param {(step: Step) => Promise<Result>} runStep never rejects
 * @param {{ keepGoing: boolean, width: number }} policy `keepGoing`: whether to start another step after one has
 *   failed; `width`: how many may run side by side
 * @returns {Promise<{ results: Map<Step, Result>, notRun: Step[] }>}
 */
export async function runInOrder(steps, runStep, { keepGoing, width }) {
  /** @type {Map<Step, Result>} */
  const results = new Map();
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  const goesOn = () => keepGoing || [...results.values()].every(({ ok }) => ok);

  /** @param {number} most how many may be left running */
  const untilAtMost = async (most) => {
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
