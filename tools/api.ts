/**
 * `npm run api`: writes what other people's pages see of the package, one report per face, into `frontend/twincast/api/`.
 * A change of a report is a change for all of them: it is looked at in review, and `api/report.test.ts` holds it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describeApi, reportFile } from "./api/report.ts";
import { runMain } from "./setup/failure.ts";

await runMain(async () => {
  const { reports, complaints } = await describeApi();
  for (const [face, report] of reports) {
    mkdirSync(dirname(reportFile(face)), { recursive: true });
    writeFileSync(reportFile(face), report);
  }
  for (const complaint of complaints) console.log(complaint);
  return complaints.length === 0 ? 0 : 1;
});
