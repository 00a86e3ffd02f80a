/**
 * `npm run rehearse:railway`: plays a deployment to Railway on this computer, and says what held. Needs what `npm test` sets
 * up (packages, the backend's environment, a Chromium) and, in the short form, a built page.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rehearse } from "./railway/rehearsal.mjs";
import { Report } from "./railway/report.mjs";
import { runMain } from "./setup/failure.mjs";
import { endAllGroups } from "./setup/processes.mjs";
import { untilStopped } from "./setup/stopping.mjs";

const HELP = `npm run rehearse:railway [-- --short] [-- --keep]

  --short  borrow what is installed and built here, instead of a clean installation (a minute less)
  --keep   keep the copies, the builds and the recordings, and say where they are`;

await runMain(async () => {
  const { values } = parseArgs({
    options: { short: { type: "boolean" }, keep: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const home = mkdtempSync(join(tmpdir(), "twincast-railway-"));
  const report = new Report((line) => console.log(line));
  try {
    const stopped = await Promise.race([
      untilStopped(),
      rehearse({ isShort: values.short === true, home, report }),
    ]);
    if (stopped !== undefined) return stopped;
    return report.end() ? 0 : 1;
  } finally {
    await endAllGroups();
    if (values.keep) console.log(`Everything is in ${home}.`);
    else rmSync(home, { recursive: true, force: true });
  }
});
