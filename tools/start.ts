/** `npm start`. Before it has set up nothing is installed, and only Node's own modules may be imported. */
import { endAllGroups } from "./processes.ts";
import { ensureBuild } from "./setup/build.ts";
import { runMain } from "./setup/failure.ts";
import { oneAtATime } from "./setup/lock.ts";
import { ensurePackages } from "./setup/packages.ts";
import { ensurePython } from "./setup/python.ts";
import { untilStopped } from "./setup/stopping.ts";
import { HELP, parseOptions } from "./start/options.ts";
import { requirePorts } from "./start/ports.ts";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  await requirePorts(options);
  try {
    const setUp = async () => {
      await ensurePackages();
      await ensurePython("run");
      if (!options.dev) await ensureBuild();
    };
    const serving = oneAtATime(setUp).then(async () => {
      const { serve } = await import("./start/serve.ts");
      return serve(options);
    });
    const code = await Promise.race([untilStopped(), serving]);
    console.log("\nStopping …");
    return code;
  } finally {
    await endAllGroups();
  }
});
