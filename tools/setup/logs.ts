import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { local, root } from "../paths.ts";

/**
 * Keeps the whole output of a step that failed, so that the terminal needs to show one sentence only.
 *
 * @param name of the step
 * @returns where it is, as seen from the project's folder
 */
export function keepLog(name: string, output: string): string {
  const file = join(local, "logs", `${name}.log`);
  mkdirSync(join(local, "logs"), { recursive: true });
  writeFileSync(file, output);
  return relative(root, file);
}

/**
 * What npm and pip print when a registry cannot be reached: libc's, Node's and urllib3's names for it. A registry that
 * answers, even with an error, is not meant.
 */
const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|ConnectTimeoutError|NameResolutionError|ProxyError)\b|Temporary failure in name resolution|Network is unreachable/;

/**
 * @param output of npm or pip
 * @returns whether it failed for want of a network
 */
export function looksOffline(output: string): boolean {
  return OFFLINE.test(output);
}
