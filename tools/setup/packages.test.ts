import { expect, it } from "vitest";
import { isInstalled } from "./packages.ts";

const wanted = {
  packages: {
    "": {},
    frontend: { version: "1.0.0" },
    "node_modules/next": { version: "16.4.5", integrity: "sha512-a" },
    "node_modules/swc-for-another-machine": { version: "1.0.0", integrity: "sha512-b", optional: true },
  },
};

const { "": _root, "node_modules/swc-for-another-machine": _foreign, ...here } = wanted.packages;

it("takes packages for granted that npm has installed, whatever is meant for other platforms", () => {
  expect(isInstalled(wanted, { packages: here })).toBe(true);
});

it("installs again when nothing was, or an installation did not end", () => {
  expect(isInstalled(wanted, undefined)).toBe(false);
});

it("installs again when the lock file asks for another version or another build of it", () => {
  const older = { packages: { ...here, "node_modules/next": { version: "16.4.4", integrity: "sha512-a" } } };
  expect(isInstalled(wanted, older)).toBe(false);
  const other = { packages: { ...here, "node_modules/next": { version: "16.4.5", integrity: "sha512-z" } } };
  expect(isInstalled(wanted, other)).toBe(false);
});

it("installs again when the lock file asks for one more", () => {
  const { "node_modules/next": _next, ...fewer } = here;
  expect(isInstalled(wanted, { packages: fewer })).toBe(false);
});

it("installs again when an optional package is absent that is made for this machine", () => {
  const compiler = { version: "1.0.0", integrity: "sha512-c", optional: true };
  const lock = (os: string[], cpu: string[], libc?: string[]) => ({
    packages: {
      ...wanted.packages,
      "node_modules/compiler": { ...compiler, os, cpu, ...(libc && { libc }) },
    },
  });
  const machine = { os: "linux", cpu: "x64", libc: "glibc" };
  const isHere = (lockOf: ReturnType<typeof lock>) => isInstalled(lockOf, { packages: here }, machine);
  expect(isHere(lock(["linux"], ["x64"], ["glibc"]))).toBe(false);
  expect(isHere(lock(["!win32"], ["x64"]))).toBe(false);
  expect(isHere(lock(["linux"], ["x64"], ["musl"]))).toBe(true);
  expect(isHere(lock(["linux"], ["arm64"]))).toBe(true);
  expect(isHere(lock(["!linux"], ["x64"]))).toBe(true);
});
