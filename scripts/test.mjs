// Runs before anything is installed, under whatever Node there is: until ensurePackages() has returned, only
// node:* modules may be imported, and the Node version is looked at before anything newer than it is parsed.
import { runMain, tell } from "./setup/failure.mjs";
import { bundledNode, OLDEST_NODE, OLDEST_NODE_FOR_TESTS, requireNode, runUnder } from "./setup/node.mjs";

/**
 * The last line of every run, whatever happened: whoever started it can tell whether tests ran.
 *
 * @param {{ passed: number, failed: number }} counts
 */
const lastLine = ({ passed, failed }) => console.log(`${passed} passed, ${failed} failed`);

await runMain(async () => {
  requireNode(OLDEST_NODE);
  const { parseTestOptions, testHelp } = await import("./test/options.mjs");
  const { STEPS } = await import("./test/steps.mjs");
  const options = parseTestOptions(
    process.argv.slice(2),
    process.env,
    STEPS.map(({ name }) => name),
  );
  if (options.help) {
    console.log(testHelp(STEPS));
    return 0;
  }
  const { root } = await import("./setup/paths.mjs");
  const { endAllGroups } = await import("./setup/processes.mjs");
  const { untilStopped } = await import("./setup/stopping.mjs");
  const stopped = untilStopped();
  let counts = { passed: 0, failed: 0 };
  let isMine = true;
  try {
    const { ensurePackages } = await import("./setup/packages.mjs");
    const interrupted = await Promise.race([stopped, ensurePackages()]);
    if (interrupted !== undefined) return interrupted;
    const node = bundledNode(root);
    if (node) {
      isMine = false;
      return await runUnder(node);
    }
    requireNode(OLDEST_NODE_FOR_TESTS);
    const { runSteps } = await import("./test/run.mjs");
    const steps = STEPS.filter(({ name }) => options.names.includes(name));
    const outcome = await Promise.race([stopped, runSteps(steps, options)]);
    if (typeof outcome === "number") return outcome;
    counts = outcome.counts;
    return outcome.ok ? 0 : 1;
  } catch (error) {
    tell(error);
    return 1;
  } finally {
    await endAllGroups();
    if (isMine) lastLine(counts);
  }
});
