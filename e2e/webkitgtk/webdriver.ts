/** The few commands of https://w3c.github.io/webdriver/ that the tests need, over plain HTTP. */

/** What `execute` gives for a DOM element. */
export interface ElementReference {
  readonly "element-6066-11e4-a52e-4f735466cecf": string;
}

/** An error in the words of the protocol, such as "no such element" or "element click intercepted". */
export class WebDriverError extends Error {
  readonly code: string;

  constructor(command: string, code: string, message: string) {
    super(`${command}: ${code}: ${message}`);
    this.name = "WebDriverError";
    this.code = code;
  }
}

type Method = "GET" | "POST" | "DELETE";

const READY_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export class WebDriverSession {
  readonly #base: string;
  readonly browserVersion: string;

  private constructor(base: string, browserVersion: string) {
    this.#base = base;
    this.browserVersion = browserVersion;
  }

  /** Opens the one session that WebKitWebDriver allows, as soon as the driver listens on `port`. */
  static async open(port: number, capabilities: object): Promise<WebDriverSession> {
    const root = `http://127.0.0.1:${port}`;
    await untilReady(`${root}/status`);
    const { sessionId, capabilities: granted } = (await request("POST", `${root}/session`, {
      capabilities: { alwaysMatch: capabilities },
    })) as { sessionId: string; capabilities: { browserVersion: string } };
    return new WebDriverSession(`${root}/session/${sessionId}`, granted.browserVersion);
  }

  async open(url: string): Promise<void> {
    await this.#command("POST", "/url", { url });
  }

  /** Commands are about the first frame of the page from here on. */
  async enterFrame(): Promise<void> {
    await this.#command("POST", "/frame", { id: 0 });
  }

  async resizeWindow(size: { readonly width: number; readonly height: number }): Promise<void> {
    await this.#command("POST", "/window/rect", size);
  }

  /** Runs a function in the page and waits for what it returns or resolves with. */
  async evaluate<T, A>(task: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
    const script = `
      const [argument, done] = arguments;
      Promise.resolve().then(() => (${task})(argument))
        .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const result = (await this.#command("POST", "/execute/async", { script, args: [argument ?? null] })) as {
      value: T;
      error?: string;
    };
    if (result.error !== undefined) throw new Error(`In the page: ${result.error}`);
    return result.value;
  }

  /** A real click in the middle of the element, by the engine's own input events. */
  async click(element: ElementReference): Promise<void> {
    await this.#command("POST", `/element/${Object.values(element)[0]}/click`, {});
  }

  /** The name by which assistive technology calls the element. */
  async accessibleName(element: ElementReference): Promise<string> {
    return (await this.#command("GET", `/element/${Object.values(element)[0]}/computedlabel`)) as string;
  }

  /** @returns a PNG. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.#command("GET", "/screenshot")) as string, "base64");
  }

  async end(): Promise<void> {
    await this.#command("DELETE", "");
  }

  #command(method: Method, path: string, body?: object): Promise<unknown> {
    return request(method, this.#base + path, body);
  }
}

async function request(method: Method, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new WebDriverError(`${method} ${new URL(url).pathname}`, error, message);
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error("WebKitWebDriver does not answer.", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}
