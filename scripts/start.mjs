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
    const installing = ensurePackages().then(() => "installed");
    const installed = await Promise.race([stopped, installing]);
    if (typeof installed === "number") return stopping(installed);
    const node = bundledNode(root);
    if (node) return await runUnder(node);
    const { serve } = await import("./start/serve.mjs");
    return stopping(await Promise.race([stopped, serve(options)]));
  } finally {
    await endAllGroups();
  }
});

/** @param {number} code */
function stopping(code) {
  console.log("\nStopping …");
  return code;
}
