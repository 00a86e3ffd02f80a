import { describe, expect, it } from "vitest";
import { looksOffline } from "./logs.ts";

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
