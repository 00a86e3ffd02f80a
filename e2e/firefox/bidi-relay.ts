/**
 * Stands in for Firefox's executable, so that Playwright drives the system's Firefox by WebDriver BiDi. It passes every
 * message on, answers the commands that this Firefox does not know yet, and runs scripts in Firefox's own window for
 * the tests: BiDi has no permission for camera and microphone (https://bugzil.la/1609427).
 *
 * Arguments: Firefox's own. Environment: FIREFOX_PATH, and RELAY_PORT, where it listens.
 */
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { WebSocket, WebSocketServer } from "ws";

/** Playwright 1.65 sends it for every context; Firefox 153 does not know it. Nothing here depends on what it sets. */
const ANSWERED_HERE: ReadonlySet<string> = new Set(["emulation.setMediaFeaturesOverride"]);

const LISTENS = /WebDriver BiDi listening on (ws:\/\/\S+)/;

/** Far above the ids that Playwright counts up from 1. */
const FIRST_OWN_ID = 0x4000_0000;

const MAX_MESSAGE_BYTES = 256 * 2 ** 20;

interface BidiMessage {
  readonly id?: number;
  readonly type?: string;
  readonly method?: string;
  readonly error?: string;
  readonly message?: string;
  readonly result?: unknown;
}

interface Evaluated {
  readonly type: string;
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string };
}

const firefoxPath = process.env.FIREFOX_PATH;
const relayPort = Number(process.env.RELAY_PORT);
if (!firefoxPath || !relayPort) throw new Error("FIREFOX_PATH and RELAY_PORT are missing.");

const firefox = spawn(firefoxPath, process.argv.slice(2), { stdio: ["ignore", "inherit", "pipe"] });
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => firefox.kill(signal));
firefox.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

createInterface({ input: firefox.stderr }).on("line", (line) => {
  const [, address] = LISTENS.exec(line) ?? [];
  if (!address) {
    process.stderr.write(`${line}\n`);
    return;
  }
  listen(address);
});

function listen(firefoxAddress: string): void {
  let upstream: WebSocket | undefined;
  let nextId = FIRST_OWN_ID;
  const own = new Map<number, (message: BidiMessage) => void>();

  const command = async (method: string, params: object): Promise<unknown> => {
    const to = upstream;
    if (!to) throw new Error("Nobody drives this Firefox yet.");
    const id = nextId++;
    const { type, error, message, result } = await new Promise<BidiMessage>((resolve) => {
      own.set(id, resolve);
      to.send(JSON.stringify({ id, method, params }));
    });
    if (type !== "success") throw new Error(`${error}: ${message}`);
    return result;
  };

  /** Runs in Firefox's own window, which takes --remote-allow-system-access. */
  const runPrivileged = async (expression: string): Promise<unknown> => {
    const tree = (await command("browsingContext.getTree", { "moz:scope": "chrome" })) as {
      contexts: readonly { context: string }[];
    };
    const evaluated = (await command("script.evaluate", {
      expression,
      target: { context: tree.contexts[0]?.context },
      awaitPromise: true,
    })) as Evaluated;
    if (evaluated.type !== "success") throw new Error(evaluated.exceptionDetails?.text);
    return evaluated.result?.value ?? null;
  };

  const server = createServer((request, response) => {
    textOf(request)
      .then(runPrivileged)
      .then(
        (value) => response.end(JSON.stringify(value)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  });

  new WebSocketServer({ server }).on("connection", (client, { url }) => {
    const to = new WebSocket(firefoxAddress + url, { maxPayload: MAX_MESSAGE_BYTES });
    upstream = to;
    const early: string[] = [];
    to.on("open", () => {
      for (const text of early.splice(0)) to.send(text);
    });
    client.on("message", (data) => {
      const text = data.toString();
      const { id, method } = JSON.parse(text) as BidiMessage;
      if (ANSWERED_HERE.has(method ?? "")) client.send(JSON.stringify({ type: "success", id, result: {} }));
      else if (to.readyState === WebSocket.OPEN) to.send(text);
      else early.push(text);
    });
    to.on("message", (data) => {
      const text = data.toString();
      const message = JSON.parse(text) as BidiMessage;
      const settle = message.id === undefined ? undefined : own.get(message.id);
      if (!settle || message.id === undefined) {
        client.send(text);
        return;
      }
      own.delete(message.id);
      settle(message);
    });
    for (const [from, other] of [
      [to, client],
      [client, to],
    ] as const) {
      from.on("close", () => other.close());
      from.on("error", () => other.close());
    }
  });

  server.listen(relayPort, "127.0.0.1", () => {
    process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${relayPort}\n`);
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text;
}
