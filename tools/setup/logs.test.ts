import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { root } from "../paths.ts";
import { keepLog, looksOffline, reasonOf } from "./logs.ts";

describe("a failed installation", () => {
  it.each([
    "npm error code EAI_AGAIN\nnpm error syscall getaddrinfo",
    "npm error code ENOTFOUND",
    "npm error code ECONNREFUSED",
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(': Failed to establish",
    "[Errno -3] Temporary failure in name resolution",
  ])("is blamed on the network where the registry was not reached: %s", (output) => {
    expect(looksOffline(output)).toBe(true);
  });

  it.each([
    "npm error code E404\nnpm error 404 Not Found",
    "npm error code EACCES",
    "npm error code ENOSPC",
    "ERROR: No matching distribution found for fastapi==99",
  ])("is not blamed on the network where it answered: %s", (output) => {
    expect(looksOffline(output)).toBe(false);
  });
});

describe("the output of a step that failed", () => {
  it("is kept in the project, or where there is room when the project may not be written", () => {
    const folder = mkdtempSync(join(tmpdir(), "twincast-logs-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(readFileSync(resolve(root, keepLog("step", "what it said", folder)), "utf8")).toBe("what it said");
    // A file where the folder should be: not even root may write into that.
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "");
    const elsewhere = keepLog("step", "what it said", join(blocked, "logs"));
    onTestFinished(() => rmSync(dirname(elsewhere), { recursive: true }));
    expect(readFileSync(elsewhere, "utf8")).toBe("what it said");
  });

  it.each([
    ["npm error code EACCES\nnpm error path /x", /^this folder may not be written: make it yours/],
    ["[Errno 13] Permission denied: '/x/.venv'", /^this folder may not be written/],
    ["npm error code ENOSPC", /^the disk is full/],
    ["npm error code ENOTEMPTY", /^the.log says why$/],
  ])("is the reason that is told: %s", (output, reason) => {
    expect(reasonOf(output, "the.log")).toMatch(reason);
  });
});
