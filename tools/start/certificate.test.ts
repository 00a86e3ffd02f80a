import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { covers, ensureCertificate } from "./certificate.ts";

const names = ["localhost", "127.0.0.1", "my-laptop.local", "192.168.1.20"];
const NOW_MS = Date.now();
const DAY_MS = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twincast-certificate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

it("makes a certificate that its authority has signed for every name and address", async () => {
  const { cert, authority } = await ensureCertificate(folder, names, NOW_MS);
  const server = new X509Certificate(cert);
  const issuer = new X509Certificate(authority);
  expect(server.verify(issuer.publicKey)).toBe(true);
  expect(issuer.ca).toBe(true);
  expect(covers(server, names, NOW_MS)).toBe(true);
  expect(covers(server, ["192.168.1.21"], NOW_MS)).toBe(false);
});

it("keeps keys for the owner's eyes", async () => {
  await ensureCertificate(folder, names, NOW_MS);
  for (const name of ["authority.key", "server.key"]) {
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  }
});

it("keeps the certificate while it is good", async () => {
  const first = await ensureCertificate(folder, names, NOW_MS);
  expect(await ensureCertificate(folder, names, NOW_MS)).toEqual(first);
});

it("makes the server's certificate anew under the same authority when an address is new or its end is near", async () => {
  const first = await ensureCertificate(folder, names, NOW_MS);
  const moved = await ensureCertificate(folder, [...names, "10.0.0.9"], NOW_MS);
  expect(moved.key).not.toBe(first.key);
  expect(moved.authority).toEqual(first.authority);
  const later = await ensureCertificate(folder, names, NOW_MS + 391 * DAY_MS);
  expect(later.key).not.toBe(moved.key);
  expect(later.authority).toEqual(first.authority);
});

it.each([
  ["authority.crt", "damaged"],
  ["authority.key", generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })],
])("starts over when what it kept is damaged or does not belong together: %s", async (file, content) => {
  const first = await ensureCertificate(folder, names, NOW_MS);
  writeFileSync(join(folder, file), content);
  const second = await ensureCertificate(folder, names, NOW_MS);
  expect(second.authority).not.toEqual(first.authority);
  expect(new X509Certificate(second.cert).verify(new X509Certificate(second.authority).publicKey)).toBe(true);
});
