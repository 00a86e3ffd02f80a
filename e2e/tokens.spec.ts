import { randomUUID } from "node:crypto";
import { expect, test } from "./support/fixtures.ts";
import { badge, receives, startStreaming, stopStreaming } from "./support/flows.ts";
import { accountOf } from "./support/recording.ts";

const SECRET = "a secret of the tests, long enough";
const SIGNING_KEY = "a signing key of the tests, 32 bytes and more";

test.use({ webEnv: { BACKEND_SECRET: SECRET } });

test.describe("with a backend that issues tokens", () => {
  test.use({ backendEnv: { ACCESS_SECRET: SECRET, TOKEN_SIGNING_KEY: SIGNING_KEY } });

  test("streams with a token of its own per stream, and resumes with it after a cut", async ({
    ui,
    backend,
    faults,
    pageUrl,
  }) => {
    await startStreaming(ui, pageUrl);
    await receives(backend, "video", 1);
    faults.cut("both");
    await receives(backend, "video", 3);
    await receives(backend, "audio", 3);
    await stopStreaming(ui);
    expect(backend.recording.stream("video").verified).toBe(true);
    expect(backend.output()).not.toContain(SECRET);
  });

  test("gives tokens to its own pages only", async ({ backend: _running, pageUrl }) => {
    const ask = (origin: string) =>
      fetch(`${pageUrl}tokens`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify({ session: randomUUID() }),
      });
    expect((await ask("https://elsewhere.example")).status).toBe(403);
    const own = await ask(new URL(pageUrl).origin);
    expect(own.status).toBe(200);
    expect(await own.text()).not.toContain(SECRET);
  });
});

test.describe("with tokens that end within the session", () => {
  test.use({ backendEnv: { ACCESS_SECRET: SECRET, TOKEN_SIGNING_KEY: SIGNING_KEY, TOKEN_LIFETIME_S: "4" } });

  test("goes on after a redeploy that comes later than its tokens' end", async ({ ui, backend, pageUrl }) => {
    await startStreaming(ui, pageUrl);
    await receives(backend, "video", 5);
    await backend.stop("SIGTERM");
    await ui.see(badge("video", "reconnecting"));
    await backend.start();
    await ui.see(badge("video", "live"));
    await ui.see(badge("audio", "live"));
    await receives(backend, "video", 8);
    await receives(backend, "audio", 8);
    await stopStreaming(ui);
    for (const kind of ["video", "audio"] as const) {
      expect(backend.recording.sessions).toHaveLength(1);
      expect(accountOf(backend.recording.stream(kind))).toMatchObject({ missing: [], repeated: [] });
    }
  });
});

test.describe("with a backend that has only a shared secret", () => {
  test.use({ backendEnv: { ACCESS_SECRET: SECRET } });

  test("streams with it", async ({ ui, backend, pageUrl }) => {
    await startStreaming(ui, pageUrl);
    await receives(backend, "video", 1);
    await receives(backend, "audio", 1);
  });
});

test.describe("with a backend that has another secret", () => {
  test.use({ backendEnv: { ACCESS_SECRET: "another secret, which this page has not" } });

  test("says so before anything is recorded", async ({ ui, backend, pageUrl }) => {
    await ui.open(pageUrl);
    await ui.press("Allow camera and microphone");
    await ui.see(badge("video", "idle"));
    await ui.press("Start streaming");
    await ui.see("text=Streaming is not permitted");
    expect(backend.recording.sessions).toEqual([]);
  });
});
