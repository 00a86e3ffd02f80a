/**
 * What a browser's translator does to a page, as an init script. Chrome's puts each text into `<font><font>…</font></font>`
 * in the place of its text node, at any moment and again after every change; facebook/react#11538.
 */

/** `all`: every text, kept up. `once`: what is there when it is pressed. `visible`: what is on the screen, kept up. */
export type TranslatorMode = "all" | "once" | "visible";

/** Runs in the page; the words stay as they are, for tests to find them. Texts in `translate="no"` are left alone, as translators do. */
export function translator(mode: TranslatorMode): void {
  const done = new WeakSet<Node>();
  const isWanted = (text: Text): boolean => {
    const parent = text.parentElement;
    if (!parent || done.has(text) || !text.data.trim()) return false;
    if (parent.closest("script, style, noscript, svg, [translate=no]")) return false;
    if (mode !== "visible") return true;
    const { top, bottom, height } = parent.getBoundingClientRect();
    return height > 0 && bottom > 0 && top < innerHeight;
  };
  const translate = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts.filter(isWanted)) {
      const words = document.createTextNode(text.data);
      done.add(words);
      const outer = document.createElement("font");
      const inner = document.createElement("font");
      inner.append(words);
      outer.append(inner);
      text.replaceWith(outer);
    }
  };
  const begin = () => {
    if (mode === "once") {
      Object.assign(globalThis, { translateNow: translate });
      return;
    }
    translate();
    new MutationObserver(translate).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
}
