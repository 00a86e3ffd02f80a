/**
 * A page that nothing watches but what is asked for here. On a page of Playwright's own, V8 looks up in the source where
 * each request came from: with that the longest task of a first visit is a fifth longer.
 */
import type { Browser, CDPSession } from "playwright";

export interface BarePage {
  /** A command of the DevTools protocol. @throws Error with what Chromium answered. */
  send(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** @returns the value of an expression, which JSON can carry; `undefined` also where the page is not ready for it. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Opens one in a context of its own, with cookies and cache of its own. */
export async function openBarePage(
  browser: Browser,
  size: { readonly width: number; readonly height: number },
): Promise<BarePage> {
  const cdp: CDPSession = await browser.newBrowserCDPSession();
  const { browserContextId } = await cdp.send("Target.createBrowserContext");
  const { targetId } = await cdp.send("Target.createTarget", {
    url: "about:blank",
    browserContextId,
    ...size,
  });
  // Messages within messages: Playwright takes over what is attached in the flat way.
  const { sessionId } = await cdp.send("Target.attachToTarget", { targetId, flatten: false });
  const waiting = new Map<number, (answer: Answer) => void>();
  let sent = 0;
  cdp.on("Target.receivedMessageFromTarget", (event) => {
    if (event.sessionId !== sessionId) return;
    const answer = JSON.parse(event.message) as Answer;
    if (answer.id === undefined) return;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });

  const send: BarePage["send"] = async (method, params = {}) => {
    const id = ++sent;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    await cdp.send("Target.sendMessageToTarget", {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  return {
    send,
    evaluate: async (expression) => {
      const { result } = await send("Runtime.evaluate", { expression, returnByValue: true });
      return (result as { value?: unknown } | undefined)?.value;
    },
    close: async () => {
      await cdp.send("Target.disposeBrowserContext", { browserContextId });
      await cdp.detach();
    },
  };
}
