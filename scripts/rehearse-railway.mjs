/**
 * `npm run rehearse:railway`: plays a deployment to Railway on this computer, and says what held. Needs what `npm test` sets
 * up (packages, the backend's environment, a Chromium) and, in the short form, a built page.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Report } from "./railway/report.mjs";
import { runMain } from "./setup/failure.mjs";
import { OLDEST_NODE_FOR_TESTS, requireNode } from "./setup/node.mjs";
import { endAllGroups } from "./setup/processes.mjs";
import { untilStopped } from "./setup/stopping.mjs";

const HELP = `npm run rehearse:railway -- [--short] [--keep] [--report <file>]

  --short  borrow what is installed and built here, instead of a clean installation (a minute less)
  --keep   keep the copies, the builds and the recordings, and say where they are
  --report <file>  also write how many promises were kept and broken, as JSON`;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean" },
      keep: { type: "boolean" },
      report: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  requireNode(OLDEST_NODE_FOR_TESTS);
  const { rehearse } = await import("./railway/rehearsal.mjs");
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
    if (values.report) writeFileSync(values.report, JSON.stringify(report.counts));
    await endAllGroups();
    if (values.keep) console.log(`Everything is in ${home}.`);
    else rmSync(home, { recursive: true, force: true });
  }
});
