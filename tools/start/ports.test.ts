import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, it, onTestFinished } from "vitest";
import { findPort, LOOPBACK, requirePorts } from "./ports.ts";

/** @returns a port that somebody has */
async function takenPort(host = LOOPBACK): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const options = { dev: false, help: false, qr: true, backendPort: undefined };

it("says in one sentence which port is in use and how to take another", async () => {
  const port = await takenPort();
  const httpsPort = await findPort(0, LOOPBACK);
  await expect(requirePorts({ ...options, port, httpsPort })).rejects.toThrow(
    `Port ${port} for the page is in use: stop the program that has it (another Twincast?), or take another port with "npm start -- --port ${port + 1}".`,
  );
  await expect(requirePorts({ ...options, port: httpsPort, httpsPort: port })).rejects.toThrow(
    `Port ${port} for phones is in use`,
  );
});

it("finds another port where the preferred one is in use", async () => {
  const port = await takenPort();
  const found = await findPort(port, LOOPBACK);
  expect(found).not.toBe(port);
  expect(await findPort(found, LOOPBACK)).toBe(found);
});

it("notices a server on ::1 alone, whose page a browser would show under localhost", async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const hasIpv6 = addresses.some(({ address }) => address === "::1");
  const port = await takenPort(hasIpv6 ? "::1" : LOOPBACK);
  const httpsPort = await findPort(0, LOOPBACK);
  await expect(requirePorts({ ...options, port, httpsPort })).rejects.toThrow(
    `Port ${port} for the page is in use`,
  );
});
