// Runs before anything is installed, under whatever Node there is: until ensurePackages() has returned, only
// node:* modules may be imported, and the Node version is looked at before anything newer than it is parsed.
import { runMain } from "./setup/failure.mjs";
import { bundledNode, OLDEST_NODE, requireNode, runUnder } from "./setup/node.mjs";

await runMain(async () => {
  requireNode(OLDEST_NODE);
  const { HELP, parseOptions } = await import("./start/options.mjs");
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const { requirePorts } = await import("./start/ports.mjs");
  await requirePorts(options);
  const { root } = await import("./setup/paths.mjs");
  const { endAllGroups } = await import("./setup/processes.mjs");
  const { untilStopped } = await import("./setup/stopping.mjs");
  const stopped = untilStopped();
  try {
    const { ensurePackages } = await import("./setup/packages.mjs");
    const installed = await Promise.race([stopped, ensurePackages()]);
    if (installed !== undefined) return installed;
    const node = bundledNode(root);
    if (node) return await runUnder(node);
    const { serve } = await import("./start/serve.mjs");
    const code = await Promise.race([stopped, serve(options)]);
    console.log("\nStopping …");
    return code;
  } finally {
    await endAllGroups();
  }
});
