import { afterEach, expect, it, vi } from "vitest";
import { connectWindow, holdInTime, type WindowListener } from "./create-session";

afterEach(() => vi.unstubAllGlobals());

function page(holdsMedia: boolean, asksBeforeUnload = true) {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("window", window);
  vi.stubGlobal("document", document);
  const told: string[] = [];
  const session = {
    holdsMedia,
    network: (event: string) => told.push(event),
    watchPermissions: () => () => told.push("permissions are not watched any more"),
  } as unknown as WindowListener;
  return { window, document, told, disconnect: connectWindow(session, asksBeforeUnload) };
}

it("asks before the page is left only while media could be lost", () => {
  for (const holdsMedia of [true, false]) {
    const { window } = page(holdsMedia);
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(holdsMedia);
  }
  const { window } = page(true, false);
  const leaving = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(leaving);
  expect(leaving.defaultPrevented, "where the page wants no question").toBe(false);
});

it("tells the session when the network and the page come and go, until it is disconnected", () => {
  const { window, document, told, disconnect } = page(true);
  window.dispatchEvent(new Event("offline"));
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(told).toEqual(["offline", "online", "visible", "visible"]);
  disconnect();
  window.dispatchEvent(new Event("online"));
  expect(told.slice(4)).toEqual(["permissions are not watched any more"]);
});

it("does not wait long for a session's lock, and gives one back that came late", async () => {
  vi.useFakeTimers();
  const lock = Promise.withResolvers<(() => void) | null>();
  let isHeld = false;
  const holding = holdInTime("session", () => lock.promise);
  await vi.advanceTimersByTimeAsync(1_000);
  const letGo = await holding;
  isHeld = true;
  lock.resolve(() => {
    isHeld = false;
  });
  letGo?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(isHeld).toBe(false);
  vi.useRealTimers();
});
