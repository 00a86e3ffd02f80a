import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock } from "../../testing/fake-clock";
import type { RecordingsApi } from "./recordings-api";
import { RecordingsBrowser } from "./recordings-browser";

/** Answers that come when a test says so, in the order in which they were asked for. */
class PlayedApi {
  readonly asked: { what: string; answer: (value: unknown) => void; fail: (cause: Error) => void }[] = [];
  readonly list = (from: string | null) => this.#ask(`list ${from}`);
  readonly one = (id: string) => this.#ask(`one ${id}`);
  readonly file = (id: string, stream: string, name: string) => this.#ask(`file ${id} ${stream} ${name}`);

  #ask(what: string): Promise<never> {
    return new Promise((resolve, reject) => {
      this.asked.push({ what, answer: resolve as (value: unknown) => void, fail: reject });
    });
  }
}

let api: PlayedApi;
let browser: RecordingsBrowser;
const save = vi.fn();
const page = (next: string | null, ...ids: string[]) => ({ recordings: ids.map((id) => ({ id })), next });
const RECORDING = { streams: {}, state: "ended" };

beforeEach(() => {
  api = new PlayedApi();
  save.mockReset();
  browser = new RecordingsBrowser({ api: api as unknown as RecordingsApi, clock: new FakeClock(), save });
});

const ids = () => browser.list.get()?.map(({ id }) => id);

describe("the list of recordings", () => {
  it("comes though one is opened meanwhile, and that one too", async () => {
    const refreshed = browser.refresh();
    const opening = browser.open("aaaa");
    api.asked[1]?.answer(RECORDING);
    api.asked[0]?.answer(page(null, "aaaa"));
    await Promise.all([refreshed, opening]);
    expect(ids()).toEqual(["aaaa"]);
    expect(browser.opened.get()?.id).toBe("aaaa");
  });

  it("goes on where it ended, and no further", async () => {
    const refreshed = browser.refresh();
    api.asked[0]?.answer(page("b", "aaaa"));
    await refreshed;
    const more = browser.more();
    api.asked[1]?.answer(page(null, "bbbb"));
    await more;
    await browser.more();
    expect(api.asked.map(({ what }) => what)).toEqual(["list null", "list b"]);
    expect(ids()).toEqual(["aaaa", "bbbb"]);
  });

  it("says what went wrong until something goes right", async () => {
    const first = browser.refresh();
    api.asked[0]?.answer(page("b", "aaaa"));
    await first;
    const failing = browser.more();
    api.asked[1]?.fail(new Error("The backend does not answer."));
    await failing;
    expect(browser.trouble.get()).toBe("The backend does not answer.");
    const again = browser.more();
    api.asked[2]?.answer(page(null, "bbbb"));
    await again;
    expect(browser.trouble.get()).toBeNull();
  });
});

it("opens the one that was asked for last", async () => {
  const first = browser.open("aaaa");
  const second = browser.open("bbbb");
  api.asked[1]?.answer(RECORDING);
  api.asked[0]?.answer(RECORDING);
  await Promise.all([first, second]);
  expect(browser.opened.get()?.id).toBe("bbbb");
});

it("leaves a running export alone when a file cannot be had beside it", async () => {
  const opening = browser.open("aaaa");
  api.asked[0]?.answer(RECORDING);
  await opening;
  const recording = browser.opened.get();
  if (!recording) throw new Error("None is open.");
  recording.exporting.set({ kind: "running", share: 0.5 });
  const downloading = browser.download(recording, {
    stream: "video",
    name: "segment-0.webm",
    bytes: 1,
    mimeType: "video/webm",
  });
  api.asked[1]?.fail(new Error("Gone."));
  await downloading;
  expect(recording.exporting.get()).toEqual({ kind: "running", share: 0.5 });
  expect(browser.trouble.get()).toBe("Gone.");
});
