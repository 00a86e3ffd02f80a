/** What the page asks by HTTP, answered as protocol/watch-vectors.json says. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import vectors from "../../../../protocol/watch-vectors.json" with { type: "json" };
import { RecordingsApi } from "./recordings/recordings-api";
import { timelineOf } from "./recordings/timeline";
import { WatchApi } from "./watch-list";

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | null;
}

let asked: Asked[];
let answer: () => Response | Promise<Response>;

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    asked.push({ url, method: init.method ?? "GET", authorization: headers.get("authorization") });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const json = (body: unknown, status = 200) => Response.json(body, { status });
const ORIGIN = "https://backend.example.com/twincast";

describe("the list of what is live", () => {
  const api = new WatchApi(ORIGIN);

  it("is read, with what opens the backend in a header and not in the address", async () => {
    answer = () => json(vectors.http.streams);
    expect(await api.list("a token")).toEqual({
      kind: "phones",
      hasRecordings: true,
      phones: [
        { watchId: "9f86d081884c7d659a2feaa0c55ad015", userAgent: "Mozilla/5.0", kinds: ["video", "audio"] },
      ],
    });
    expect(asked).toEqual([
      { url: `${ORIGIN}/watch/streams`, method: "GET", authorization: "Bearer a token" },
    ]);
    answer = () => json(vectors.http.noStreams);
    expect(await api.list(null)).toEqual({ kind: "phones", hasRecordings: false, phones: [] });
    expect(asked[1]?.authorization).toBeNull();
  });

  it.each([
    [401, "not-allowed"],
    [403, "switched-off"],
    [404, "silent"],
    [500, "silent"],
    [503, "silent"],
  ])("that is refused with %i has a name: %s", async (status, kind) => {
    answer = () => json(vectors.http.problem, status);
    expect(await api.list(null)).toEqual({ kind });
  });

  it("is silent where nothing answers, or something else", async () => {
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    expect(await api.list(null)).toEqual({ kind: "silent" });
    answer = () => new Response("<html>");
    expect(await api.list(null)).toEqual({ kind: "silent" });
  });

  it("gives a token for the key", async () => {
    answer = () => json(vectors.http.token);
    expect(await api.tokenFor("the key")).toEqual({ kind: "token", token: vectors.http.token.token });
    expect(asked).toEqual([
      { url: `${ORIGIN}/watch/tokens`, method: "POST", authorization: "Bearer the key" },
    ]);
    answer = () => json(vectors.http.problem, 401);
    expect(await api.tokenFor("no key")).toEqual({ kind: "not-allowed" });
  });
});

describe("recordings", () => {
  const api = new RecordingsApi(ORIGIN, () => "a token");

  it("are listed, the empty one as well", async () => {
    answer = () => json(vectors.http.recordings);
    const { recordings, next } = await api.list(null);
    expect(next).toBe("510da55c0aaef2a956d7c488180d68f9");
    expect(recordings).toEqual([
      {
        id: "9f86d081884c7d659a2feaa0c55ad015",
        name: "Phone 9f86",
        state: "ended",
        startedAt: 1_763_836_800_000,
        durationMs: 128_400.5,
        bytes: 33_000_000,
        gaps: 1,
        verified: true,
      },
      expect.objectContaining({ state: "recording", startedAt: null, durationMs: 0, verified: null }),
    ]);
    await api.list(next);
    expect(asked[1]).toMatchObject({
      url: `${ORIGIN}/recordings?after=510da55c0aaef2a956d7c488180d68f9`,
      authorization: "Bearer a token",
    });
  });

  it("come with a timeline", async () => {
    answer = () => json(vectors.http.recording);
    const { streams } = await api.one("9f86d081884c7d659a2feaa0c55ad015");
    expect(timelineOf(streams)).toMatchObject({
      durationMs: 2_000,
      pieces: {
        video: [
          { fromMs: 0, toMs: 200 },
          { fromMs: 712.5, toMs: 2_000 },
        ],
      },
      marks: [
        { kind: "gap", fromMs: 200, toMs: 712.5 },
        { kind: "muted", fromMs: 200, toMs: 712.5 },
      ],
    });
  });

  it("that cannot be had say why, in the backend's words where it has any", async () => {
    answer = () => json(vectors.http.problem, 401);
    await expect(api.list(null)).rejects.toThrow(vectors.http.problem.message);
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    await expect(api.one("x")).rejects.toThrow("does not answer");
    await expect(api.file("x", "video", "a.mkv")).rejects.toThrow("does not give a.mkv");
    answer = () => json({});
    await expect(api.one("x")).rejects.toThrow("cannot be read");
  });
});
