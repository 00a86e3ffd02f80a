/**
 * Stands between WebKitWebDriver and MiniBrowser and passes every byte on. It can slip in one message of its own,
 * `Automation.setSessionPermissions`: WebKit knows how to deny camera and microphone under automation, but its driver
 * has no command for it (https://w3c.github.io/mediacapture-automation/ is not implemented there).
 */
import { once } from "node:events";
import net from "node:net";
import type { Answer } from "../support/ui.ts";
import {
  formatToBackend,
  InspectorFrameReader,
  type InspectorTarget,
  readJson,
  readTarget,
} from "./inspector-wire.ts";

export interface PermissionRelay {
  /** Where the driver finds "the browser". */
  readonly port: number;
  /** How the next `getUserMedia` is answered. Needs a session: without a message there is nobody to speak for. */
  answer(answer: Answer): Promise<void>;
  close(): Promise<void>;
}

/** Far above the ids that the driver itself counts up from 1. */
const FIRST_OWN_ID = 0x7000_0000;
const CONNECT_MS = 10_000;
const CONNECT_AGAIN_MS = 20;

/** @param browserPort where the browser listens, now or soon (WEBKIT_INSPECTOR_SERVER). */
export async function startPermissionRelay(browserPort: number): Promise<PermissionRelay> {
  let target: InspectorTarget | undefined;
  let browser: net.Socket | undefined;
  let nextId = FIRST_OWN_ID;
  const waiting = new Map<number, (reply: { error?: { message?: string } }) => void>();

  const fromDriver = (driver: net.Socket, up: net.Socket) => {
    const reader = new InspectorFrameReader();
    driver.on("data", (bytes: Buffer) => {
      for (const frame of reader.push(bytes)) {
        if (frame.name === "SendMessageToBackend") target = readTarget(frame);
        up.write(frame.raw);
      }
    });
  };

  const fromBrowser = (driver: net.Socket, up: net.Socket) => {
    const reader = new InspectorFrameReader();
    up.on("data", (bytes: Buffer) => {
      for (const frame of reader.push(bytes)) {
        // Replies are only looked into while one is expected: a screenshot is megabytes of JSON.
        if (waiting.size > 0 && frame.name === "SendMessageToFrontend") {
          const reply = readJson(frame) as { id?: number; error?: { message?: string } };
          const settle = reply.id === undefined ? undefined : waiting.get(reply.id);
          if (settle && reply.id !== undefined) {
            waiting.delete(reply.id);
            settle(reply);
            continue;
          }
        }
        driver.write(frame.raw);
      }
    });
  };

  const server = net.createServer((driver) => {
    driver.on("error", () => {});
    connect(browserPort).then(
      (up) => {
        browser = up;
        up.on("error", () => {});
        up.on("close", () => driver.destroy());
        driver.on("close", () => up.destroy());
        fromDriver(driver, up);
        fromBrowser(driver, up);
      },
      () => driver.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as net.AddressInfo).port,
    async answer(answer) {
      if (!target || !browser) throw new Error("The driver has no session with the browser yet.");
      const id = nextId++;
      const permissions = [{ permission: "GetUserMedia", value: answer === "allow" }];
      browser.write(
        formatToBackend(target, { id, method: "Automation.setSessionPermissions", params: { permissions } }),
      );
      const { error } = await new Promise<{ error?: { message?: string } }>((resolve) => {
        waiting.set(id, resolve);
      });
      if (error) throw new Error(`WebKit did not take the answer: ${error.message}`);
    },
    async close() {
      browser?.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Connects as soon as somebody listens. */
async function connect(port: number): Promise<net.Socket> {
  const deadline = Date.now() + CONNECT_MS;
  for (;;) {
    const socket = net.connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, CONNECT_AGAIN_MS));
    }
  }
}
