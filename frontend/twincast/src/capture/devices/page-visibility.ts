/** What is watched of a page, so that tests may stand in for it. */
export interface VisibilityPage {
  readonly document: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;
  readonly window: Pick<Window, "addEventListener" | "removeEventListener">;
}

/**
 * Tells when the page goes out of sight and comes back. Phones fire different events for a tab switch, a locked screen
 * and a page that is frozen and thawed; each change is told once.
 *
 * @returns a function that ends the telling.
 */
export function watchVisibility(
  onChange: (isVisible: boolean) => void,
  page: VisibilityPage = { document, window },
): () => void {
  let wasVisible = page.document.visibilityState === "visible";
  const tell = (isVisible: boolean) => {
    if (isVisible === wasVisible) return;
    wasVisible = isVisible;
    onChange(isVisible);
  };
  const onHide = () => tell(false);
  const onShow = () => tell(page.document.visibilityState === "visible");
  const listeners: [
    target: VisibilityPage["document"] | VisibilityPage["window"],
    type: string,
    listener: () => void,
  ][] = [
    [page.document, "visibilitychange", onShow],
    [page.document, "freeze", onHide],
    [page.document, "resume", onShow],
    [page.window, "pagehide", onHide],
    [page.window, "pageshow", onShow],
  ];
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
  };
}
