import { afterEach, expect, it, vi } from "vitest";
import { FakeClock, settle } from "../testing/fake-clock";
import type { WorkerEvent } from "./commands";
import { browserWorkers } from "./environment";
import { openHost } from "./open-host";

afterEach(() => vi.unstubAllGlobals());

class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: WorkerEvent }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  isTerminated = false;
  constructor() {
    FakeWorker.made.push(this);
  }
  postMessage(): void {}
  terminate(): void {
    this.isTerminated = true;
  }
}

it("tells what becomes of a worker, and terminates it", () => {
  FakeWorker.made = [];
  vi.stubGlobal("Worker", FakeWorker);
  const events: WorkerEvent["kind"][] = [];
  const failures: string[] = [];
  const port = browserWorkers.openWorker({
    event: ({ kind }) => events.push(kind),
    failed: (detail) => failures.push(detail),
  });
  const [worker] = FakeWorker.made;
  worker?.onmessage?.({ data: { kind: "loaded" } });
  expect(events).toEqual(["loaded"]);
  const preventDefault = vi.fn();
  worker?.onerror?.({ message: "404", preventDefault });
  expect(failures).toEqual(["404"]);
  expect(preventDefault).toHaveBeenCalled();
  port.close();
  expect(worker?.isTerminated).toBe(true);
});

it("closes a host on the page that opens when nobody waits for it any more", async () => {
  let open = (_port: { post: () => void; close: () => void }) => {};
  const close = vi.fn();
  const host = openHost(
    {
      clock: new FakeClock(),
      openWorker: () => {
        throw new Error("worker-src does not allow it");
      },
      openOnPage: () =>
        new Promise((resolve) => {
          open = resolve;
        }),
    },
    { event: () => {}, silent: () => {}, lost: () => {} },
  );
  host.close();
  open({ post: () => {}, close });
  await settle();
  expect(close).toHaveBeenCalledOnce();
});
