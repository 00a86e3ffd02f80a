import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { local, root } from "../paths.ts";

/**
 * Keeps the whole output of a step that failed, so that the terminal needs to show one sentence only.
 *
 * @param name of the step
 * @param folder where it goes; the system's for temporary files where that cannot be written
 * @returns where it is, as seen from the project's folder
 */
export function keepLog(name: string, output: string, folder = join(local, "logs")): string {
  const file = join(folder, `${name}.log`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, output);
    return relative(root, file);
  } catch {
    const elsewhere = join(mkdtempSync(join(tmpdir(), "twincast-")), `${name}.log`);
    writeFileSync(elsewhere, output);
    return elsewhere;
  }
}

/**
 * Why an installation failed, as far as its output says so in words that every tool uses.
 *
 * @param output of npm, pip or venv
 * @param log where that is kept
 * @returns a clause that says it and what to do
 */
export function reasonOf(output: string, log: string): string {
  if (/\bENOSPC\b|No space left on device/.test(output))
    return `the disk is full (${log} has all that was said)`;
  if (/\b(EACCES|EPERM|EROFS)\b|Permission denied|Read-only file system/.test(output)) {
    return `this folder may not be written: make it yours (${log} names the place)`;
  }
  return `${log} says why`;
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
