import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, settle } from "../testing/fake-clock";
import { phoneName } from "./phone-name";
import type { ViewerCommand, ViewerEvent } from "./viewer/commands";
import type { WatchListing } from "./watch-list";
import { WatchSession } from "./watch-session";

interface PlayedViewer {
  readonly commands: ViewerCommand[];
  readonly event: (event: ViewerEvent) => void;
  readonly failed: (detail: string) => void;
  isTerminated: boolean;
}

let clock: FakeClock;
let listing: WatchListing;
let asked: (string | null)[];
let tokens: Map<string, string>;
let viewers: PlayedViewer[];
let opened: number;
let watch: WatchSession;

const listed = (...ids: string[]): WatchListing => ({
  kind: "phones",
  hasRecordings: false,
  phones: ids.map((watchId) => ({
    watchId,
    kinds: ["video", "audio"],
    userAgent: "Mozilla/5.0 (iPhone; x)",
  })),
});

const canvas = () =>
  ({ transferControlToOffscreen: () => ({}) as OffscreenCanvas }) as unknown as HTMLCanvasElement;

function make(options: { key?: string; missing?: string } = {}): void {
  watch = new WatchSession({
    socketUrl: "wss://backend/ws/watch",
    api: {
      list: async (token) => {
        asked.push(token);
        return listing;
      },
      tokenFor: async (key) => {
        const token = tokens.get(key);
        return token === undefined ? { kind: "not-allowed" } : { kind: "token", token };
      },
    },
    openViewer: (events) => {
      const viewer: PlayedViewer = { commands: [], ...events, isTerminated: false };
      viewers.push(viewer);
      return {
        post: (command) => viewer.commands.push(command),
        terminate: () => {
          viewer.isTerminated = true;
        },
      };
    },
    sound: {
      open: async () => {
        opened++;
        return {
          port: {} as MessagePort,
          sampleRate: 48_000,
          latencyMs: 10,
          close: () => {
            opened--;
          },
        };
      },
      close: () => {},
    },
    clock,
    missing: options.missing ?? null,
    key: options.key ?? null,
  });
}

beforeEach(() => {
  clock = new FakeClock();
  listing = listed();
  asked = [];
  tokens = new Map([["the key", "a token"]]);
  viewers = [];
  opened = 0;
  make();
});

const names = () => watch.phones.get().map(({ name }) => name);

describe("the page of /watch", () => {
  it("shows a phone when it appears in the list, and asks again every two seconds", async () => {
    watch.start();
    await settle();
    expect(watch.access.get()).toEqual({ kind: "open" });
    listing = listed("aaaa1", "bbbb2");
    await clock.advance(2_000);
    expect(names()).toEqual(["iPhone aaaa", "iPhone bbbb"]);
    expect(phoneName("cccc3", "Mozilla/5.0 (Linux; Android 16; Pixel 9)")).toBe("Android cccc");
    await clock.advance(2_000);
    expect(names()).toHaveLength(2);
  });

  it("keeps a phone that is over for a while, so that its last words can be read", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    listing = listed();
    await clock.advance(18_000);
    expect(names()).toHaveLength(1);
    await clock.advance(6_000);
    expect(names()).toHaveLength(0);
  });

  it("shows a phone again that a restarted backend did not know for a moment", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    watch.phones.get()[0]?.show(canvas());
    const status = { kind: "failed", code: "unknown-stream", message: "4404" } as const;
    const figures = { delayMs: null, rateKBps: 0, marks: [], muted: false };
    viewers[0]?.event({ streams: [{ kind: "video", status, figures }] });
    listing = listed();
    await clock.advance(2_000);
    expect(names()).toHaveLength(1);
    listing = listed("aaaa1");
    await clock.advance(2_000);
    const [phone] = watch.phones.get();
    expect(watch.phones.get()).toHaveLength(1);
    expect(phone?.isOver).toBe(false);
    expect(viewers[0]?.isTerminated).toBe(true);
  });

  it.each([false, true])(
    "shows a phone again that came back after it was forgotten; over: %s",
    async (isOver) => {
      listing = listed("aaaa1");
      watch.start();
      await settle();
      const status = isOver ? ({ kind: "ended", verified: true } as const) : ({ kind: "live" } as const);
      const figures = { delayMs: null, rateKBps: 0, marks: [], muted: false };
      watch.phones.get()[0]?.show(canvas());
      viewers[0]?.event({ streams: [{ kind: "video", status, figures }] });
      listing = listed();
      await clock.advance(24_000);
      expect(names()).toEqual([]);
      listing = listed("aaaa1");
      await clock.advance(2_000);
      expect(names()).toHaveLength(1);
    },
  );

  it("does not show a phone anew that is over and still in the list", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    watch.phones.get()[0]?.show(canvas());
    const status = { kind: "failed", code: "no-decoder", message: "" } as const;
    const figures = { delayMs: null, rateKBps: 0, marks: [], muted: false };
    viewers[0]?.event({ streams: [{ kind: "video", status, figures }] });
    await clock.advance(60_000);
    expect(names()).toEqual([]);
    expect(viewers).toHaveLength(1);
  });

  it("exchanges the key of its address for a token, and shows that alone", async () => {
    make({ key: "the key" });
    watch.start();
    await settle();
    await clock.advance(4_000);
    expect(asked).toEqual(["a token", "a token", "a token"]);
  });

  it("asks for a key where it may not watch, tries what it is given, and says what was wrong", async () => {
    listing = { kind: "not-allowed" };
    watch.start();
    await settle();
    expect(watch.access.get()).toEqual({ kind: "not-allowed", wasRefused: false });
    await clock.advance(20_000);
    expect(asked).toHaveLength(1);
    watch.give("no key");
    await settle();
    expect(watch.access.get()).toEqual({ kind: "not-allowed", wasRefused: true });
    listing = listed("aaaa1");
    watch.give("a token of somebody's");
    await settle();
    expect(asked.at(-1)).toBe("a token of somebody's");
    expect(watch.access.get()).toEqual({ kind: "open" });
  });

  it("closes what it shows when it may no more", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    watch.phones.get()[0]?.show(canvas());
    listing = { kind: "not-allowed" };
    await clock.advance(2_000);
    expect(names()).toEqual([]);
    expect(viewers[0]?.isTerminated).toBe(true);
  });

  it("leaves what it shows alone while the list does not come", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    listing = { kind: "silent" };
    await clock.advance(60_000);
    expect(names()).toHaveLength(1);
    expect(watch.access.get()).toEqual({ kind: "open" });
  });

  it("says that the backend is silent where there is nothing else to see, and finds it again", async () => {
    listing = { kind: "silent" };
    watch.start();
    await settle();
    expect(watch.access.get()).toEqual({ kind: "silent" });
    listing = listed();
    await clock.advance(2_000);
    expect(watch.access.get()).toEqual({ kind: "open" });
  });

  it("asks nobody in a browser that cannot show it", async () => {
    make({ missing: "WebCodecs" });
    watch.start();
    watch.visible(true);
    watch.retry();
    watch.give("the key");
    await clock.advance(10_000);
    expect(asked).toEqual([]);
    expect(watch.access.get()).toEqual({ kind: "unsupported-browser", missing: "WebCodecs" });
  });

  it("rests in the background: no list, and each phone is told", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    watch.phones.get()[0]?.show(canvas());
    watch.visible(false);
    await clock.advance(2_000);
    const before = asked.length;
    await clock.advance(60_000);
    expect(asked.length).toBe(before);
    expect(viewers[0]?.commands.at(-1)).toEqual({ kind: "visible", visible: false });
    watch.visible(true);
    await settle();
    expect(asked.length).toBe(before + 1);
  });

  it("plays one phone at a time", async () => {
    listing = listed("aaaa1", "bbbb2");
    watch.start();
    await settle();
    for (const phone of watch.phones.get()) phone.show(canvas());
    await watch.hear("aaaa1");
    await watch.hear("bbbb2");
    expect(opened).toBe(1);
    expect(viewers[0]?.commands.map(({ kind }) => kind)).toEqual(["watch", "listen", "stop-listening"]);
    expect(viewers[1]?.commands.map(({ kind }) => kind)).toEqual(["watch", "listen"]);
    await watch.hear(null);
    expect(opened).toBe(0);
  });

  it("plays a phone that is shown after the click", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    await watch.hear("aaaa1");
    watch.phones.get()[0]?.show(canvas());
    expect(viewers[0]?.commands.map(({ kind }) => kind)).toEqual(["watch", "listen"]);
  });

  it("goes on playing when the worker is another one", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    const [phone] = watch.phones.get();
    phone?.show(canvas());
    await watch.hear("aaaa1");
    viewers[0]?.failed("out of memory");
    phone?.show(canvas());
    await settle();
    expect(viewers[1]?.commands.map(({ kind }) => kind)).toEqual(["watch", "listen"]);
    expect(opened).toBe(1);
  });

  it("plays the last one that was clicked, however long each loudspeaker takes", async () => {
    listing = listed("aaaa1", "bbbb2");
    watch.start();
    await settle();
    const first = watch.hear("aaaa1");
    const second = watch.hear("bbbb2");
    await Promise.all([first, second]);
    expect(watch.heard.get()).toBe("bbbb2");
    expect(opened).toBe(1);
  });

  it("gives a phone another worker once, when its first one broke", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    const [phone] = watch.phones.get();
    phone?.show(canvas());
    viewers[0]?.failed("out of memory");
    expect(phone?.generation.get()).toBe(1);
    phone?.show(canvas());
    viewers[1]?.failed("again");
    expect(phone?.streams.get()[0]?.status).toMatchObject({ kind: "failed" });
    expect(phone?.generation.get()).toBe(1);
  });

  it("adds a stream that a phone got later", async () => {
    listing = {
      kind: "phones",
      hasRecordings: false,
      phones: [{ watchId: "aaaa1", kinds: ["audio"], userAgent: null }],
    };
    watch.start();
    await settle();
    expect(names()).toEqual(["Phone aaaa"]);
    watch.phones.get()[0]?.show(canvas());
    listing = listed("aaaa1");
    await clock.advance(2_000);
    expect(viewers[0]?.commands.at(-1)).toEqual({ kind: "add", stream: "video" });
  });

  it("leaves nothing behind", async () => {
    listing = listed("aaaa1");
    watch.start();
    await settle();
    watch.phones.get()[0]?.show(canvas());
    await watch.hear("aaaa1");
    watch.enlarge("aaaa1");
    watch.close();
    expect([watch.heard.get(), watch.large.get(), opened]).toEqual([null, null, 0]);
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
    expect(viewers[0]?.isTerminated).toBe(true);
  });
});
