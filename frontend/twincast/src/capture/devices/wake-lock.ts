/** Whether the screen is kept on. `refused`: ask the person to keep it on (low battery, or an old browser). */
export type WakeLockState = "off" | "held" | "refused";

/** What a wake lock touches of a page, so that tests may stand in for it. */
export interface WakeLockPage {
  /** Absent in old browsers, and in Safari's home-screen apps before 18.4. */
  readonly wakeLock: Pick<WakeLock, "request"> | undefined;
  readonly document: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;
}

/**
 * Keeps the screen on, from now until the returned function is called. Browsers let the lock go whenever the page is
 * hidden, so it is taken again each time that it is visible. Call it from a tap: WebKitGTK refuses it outside of one.
 */
export function keepScreenOn(
  onState: (state: WakeLockState) => void,
  page: WakeLockPage = { wakeLock: navigator.wakeLock as WakeLock | undefined, document },
): () => void {
  let sentinel: WakeLockSentinel | undefined;
  let isOver = false;

  const take = async () => {
    if (isOver || page.document.visibilityState !== "visible" || (sentinel && !sentinel.released)) return;
    if (!page.wakeLock) {
      onState("refused");
      return;
    }
    try {
      const taken = await page.wakeLock.request("screen");
      if (isOver) {
        await taken.release();
        return;
      }
      sentinel = taken;
      taken.addEventListener("release", () => {
        if (!isOver) onState("off");
      });
      onState("held");
    } catch {
      if (!isOver) onState("refused");
    }
  };
  const onVisible = () => void take();

  page.document.addEventListener("visibilitychange", onVisible);
  void take();
  return () => {
    isOver = true;
    page.document.removeEventListener("visibilitychange", onVisible);
    sentinel?.release().catch(() => {});
    onState("off");
  };
}
