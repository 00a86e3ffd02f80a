import { afterEach, expect, it, vi } from "vitest";
import { connectWindow } from "./browser-session";
import type { Session } from "./session";

afterEach(() => vi.unstubAllGlobals());

function page(holdsMedia: boolean) {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("window", window);
  vi.stubGlobal("document", document);
  const told: string[] = [];
  const session = {
    holdsMedia,
    network: (event: string) => told.push(event),
    watchPermissions: () => () => told.push("permissions are not watched any more"),
    close: () => told.push("closed"),
  } as unknown as Session;
  return { window, document, told, disconnect: connectWindow(session) };
}

it("asks before the page is left only while media could be lost", () => {
  for (const holdsMedia of [true, false]) {
    const { window } = page(holdsMedia);
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(holdsMedia);
  }
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
  expect(told.slice(4)).toEqual(["permissions are not watched any more", "closed"]);
});
