/** The page and the backend are lost in the same outage: what a page left goes on with a process that never met it. */
import { expect, test } from "./support/fixtures.ts";
import { startStreaming } from "./support/flows.ts";
import { crash, deliver, expectAll, openBeside, recordInAnOutage } from "./support/lost-page.ts";

const SECRET = "a secret of the tests, long enough";
const SIGNING_KEY = "a signing key of the tests, 32 bytes and more";

test.use({
  withEngine: true,
  webEnv: { BACKEND_SECRET: SECRET },
  backendEnv: { ACCESS_SECRET: SECRET, TOKEN_SIGNING_KEY: SIGNING_KEY },
});

test("delivers what a crashed page had stored to a backend that was restarted on the same engine", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}, info) => {
  await startStreaming(ui, pageUrl);
  await recordInAnOutage(ui, backend, faults, 10);
  const context = page.context();
  const lostAt = await crash(page);
  await backend.stop("SIGKILL");
  await backend.start();
  await deliver(await openBeside(context, pageUrl), faults);
  for (const kind of ["video", "audio"] as const) {
    await expect.poll(() => backend.recording.stream(kind).verified, { message: kind }).not.toBeNull();
  }
  // Verified by a process that took only the rest: the engine knew the streams, by their ids.
  await expectAll(backend, lostAt, info.outputDir);
  expect(backend.recording.sessions).toHaveLength(1);
});
