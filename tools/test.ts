/** `npm test`. Before it has set up nothing is installed, and only Node's own modules may be imported. */
import { endAllGroups } from "./processes.ts";
import { runMain, tell } from "./setup/failure.ts";
import { untilStopped } from "./setup/stopping.ts";
import type { Counts } from "./test/counts.ts";
import { parseTestOptions, testHelp } from "./test/options.ts";
import { runSteps } from "./test/run.ts";
import { STEPS } from "./test/steps.ts";

await runMain(async () => {
  let counts: Pick<Counts, "passed" | "failed"> | undefined = { passed: 0, failed: 0 };
  try {
    const names = STEPS.map(({ name }) => name);
    const options = parseTestOptions(process.argv.slice(2), process.env, names);
    if (options.help) {
      console.log(testHelp(STEPS));
      counts = undefined;
      return 0;
    }
    const steps = STEPS.filter(({ name }) => options.names.includes(name));
    const outcome = await Promise.race([untilStopped(), runSteps(steps, options)]);
    if (typeof outcome === "number") return outcome;
    counts = outcome.counts;
    return outcome.ok ? 0 : 1;
  } catch (error) {
    tell(error);
    return 1;
  } finally {
    await endAllGroups();
    // Whoever started it can tell by this line whether tests ran, whatever happened before.
    if (counts) console.log(`${counts.passed} passed, ${counts.failed} failed`);
  }
});
