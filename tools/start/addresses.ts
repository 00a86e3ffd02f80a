import type { NetworkInterfaceInfo } from "node:os";

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Names under which systems list bridges, containers, virtual machines and tunnels: no phone is behind them. */
const VIRTUAL =
  /^(docker|br-|bridge|veth|virbr|vmnet|vbox|utun|tun|tap|wg|tailscale|zt|awdl|llw|lxc|cni|podman|vEthernet)/i;

/** Names of Wi-Fi and Ethernet, Wi-Fi before Ethernet: Linux, macOS, Windows. */
const PHYSICAL = [/^(wl|wi-?fi|wlan)/i, /^(en|eth|em|ethernet)/i];

/**
 * The addresses by which a phone on the same network reaches this computer, the likeliest first.
 *
 * @param interfaces what os.networkInterfaces() answers
 * @returns IPv4 addresses; empty without a network
 */
export function lanAddresses(interfaces: Interfaces): string[] {
  return Object.entries(interfaces)
    .flatMap(([name, infos]) => (infos ?? []).map((info) => ({ name, ...info })))
    .filter(({ family, internal, address }) => family === "IPv4" && !internal && !isLinkLocal(address))
    .map(({ name, address }, order) => ({ address, order, rank: rank(name, address) }))
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .map(({ address }) => address);
}

/** 169.254.0.0/16 is what a computer gives itself when no router answered (RFC 3927). */
const isLinkLocal = (address: string) => address.startsWith("169.254.");

/** @returns lower is likelier */
function rank(name: string, address: string): number {
  const kind = PHYSICAL.findIndex((pattern) => pattern.test(name));
  const byName = VIRTUAL.test(name) ? 20 : kind === -1 ? 10 : kind * 4;
  return byName + rankOfRange(address);
}

/** Home routers hand out 192.168/16, then 10/8; 172.16/12 is what container networks like (RFC 1918). */
function rankOfRange(address: string): number {
  if (address.startsWith("192.168.")) return 0;
  if (address.startsWith("10.")) return 1;
  return /^172\.(1[6-9]|2\d|3[01])\./.test(address) ? 3 : 2;
}

/**
 * The computer's name on the local network, which phones look up by multicast DNS.
 *
 * @param hostname what os.hostname() answers
 * @returns "my-laptop.local"; undefined when the name cannot be one
 */
export function localName(hostname: string): string | undefined {
  const [label = ""] = hostname.toLowerCase().split(".");
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && label !== "localhost"
    ? `${label}.local`
    : undefined;
}

/**
 * The origins under which the page is served, which are the ones whose sockets the backend may trust.
 *
 * @param served `names`: hosts of the HTTPS address
 */
export function servedOrigins(served: {
  port: number;
  httpsPort: number;
  names: readonly string[];
}): string[] {
  const { port, httpsPort, names } = served;
  return [
    ...["localhost", "127.0.0.1"].map((host) => originOf("http", host, port)),
    ...names.map((host) => originOf("https", host, httpsPort)),
  ];
}

/** @returns as a browser writes it: without the scheme's own port */
export function originOf(scheme: "http" | "https", host: string, port: number): string {
  return new URL(`${scheme}://${host}:${port}`).origin;
}
