/**
 * A path of real packets that can be closed: browser, router, backend, each in a network namespace of its own (the
 * browser in the machine's). While it is closed the router forwards nothing and says nothing, in both directions: the
 * ends see what a phone sees in a tunnel, with TCP's own back-off. Only addresses of namespaces made here are touched.
 */
import { execFile } from "node:child_process";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import type { Inside } from "../support/processes.ts";

const execute = promisify(execFile);
const ip = (...args: string[]) => execute("ip", args);

export class PacketPath {
  /** The backend's end of the path. */
  readonly inside: Inside;
  readonly #backend: string;
  readonly #router: string;
  readonly #link: string;
  readonly #network: string;
  /** The browser's address. */
  #near: string;
  #lastOctet = 8;

  private constructor(name: string, network: string) {
    this.#network = network;
    this.#near = `${network}.1/30`;
    this.#router = `${name}-router`;
    this.#link = `tc${process.pid}`;
    this.#backend = `${name}-backend`;
    this.inside = { address: `${network}.6`, enter: ["ip", "netns", "exec", this.#backend] };
  }

  /** Rejects, with the reason, where the machine does not allow it: it takes Linux, root and iproute2. */
  static async create(): Promise<PacketPath> {
    const network = freeNetwork();
    const path = new PacketPath(`twincast-${process.pid}`, network);
    try {
      await path.#build(network);
      return path;
    } catch (error) {
      await path.destroy();
      throw error;
    }
  }

  /** From here on every packet vanishes. */
  close(): Promise<void> {
    return this.#forward(false);
  }

  open(): Promise<void> {
    return this.#forward(true);
  }

  /**
   * The browser's side gets an address that it did not have before, as a phone does that changes networks. Its TCP
   * connections are closed, as Android closes them: https://github.com/torvalds/linux/commit/6eb5d2e08f07
   */
  async changeAddress(): Promise<void> {
    const router = `${this.#network}.2`;
    const before = this.#near;
    const now = `${this.#network}.${++this.#lastOctet}`;
    this.#near = `${now}/32`;
    await ip("-n", this.#router, "route", "add", this.#near, "dev", "near");
    await ip("addr", "add", this.#near, "dev", this.#link);
    await ip("addr", "del", before, "dev", this.#link);
    await ip("route", "replace", `${router}/32`, "dev", this.#link, "src", now);
    await ip("route", "replace", `${this.#network}.4/30`, "via", router, "src", now);
    await execute("ss", ["--kill", "src", before.replace(/\/.*/, "")]);
  }

  /** Removes the namespaces, and with them their interfaces and routes. */
  async destroy(): Promise<void> {
    for (const name of [this.#router, this.#backend]) {
      await ip("netns", "delete", name).catch(() => {
        // It was not made.
      });
    }
  }

  async #build(network: string): Promise<void> {
    const router = this.#router;
    const backend = this.#backend;
    await ip("netns", "add", router);
    await ip("netns", "add", backend);
    await ip("link", "add", this.#link, "type", "veth", "peer", "name", "near", "netns", router);
    await ip("link", "add", "far", "netns", router, "type", "veth", "peer", "name", "near", "netns", backend);
    const up = async (namespace: string[], device: string, address: string) => {
      await ip(...namespace, "addr", "add", `${address}/30`, "dev", device);
      await ip(...namespace, "link", "set", device, "up");
    };
    await up([], this.#link, `${network}.1`);
    await up(["-n", router], "near", `${network}.2`);
    await up(["-n", router], "far", `${network}.5`);
    await up(["-n", backend], "near", `${network}.6`);
    await ip("-n", backend, "link", "set", "lo", "up");
    await ip("-n", backend, "route", "add", "default", "via", `${network}.5`);
    await ip("route", "add", `${network}.4/30`, "via", `${network}.2`);
    await this.open();
  }

  /** A host that does not forward drops what is not meant for it without a word (Linux, ip_error() in route.c). */
  async #forward(on: boolean): Promise<void> {
    const set = `echo ${on ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`;
    await ip("netns", "exec", this.#router, "sh", "-c", set);
  }
}

/** Three octets of 198.18.0.0/15, which RFC 2544 sets apart for measurements, that this machine does not use. */
function freeNetwork(): string {
  const used = Object.values(networkInterfaces())
    .flat()
    .map((address) => address?.address ?? "");
  for (let third = 0; third < 256; third++) {
    const network = `198.18.${third}`;
    if (!used.some((address) => address.startsWith(`${network}.`))) return network;
  }
  throw new Error("Every network of 198.18.0.0/16 is in use on this machine.");
}
