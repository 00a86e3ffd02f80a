/**
 * A network of its own between the browser and the backend, in which packets can be dropped for real: a network
 * namespace with one pair of virtual cables and a firewall. Linux and root only.
 */
import { execFileSync } from "node:child_process";

const PREFIX = `tc${process.pid}`;
/** RFC 2544's range for tests between two devices. */
const HOST = "198.18.231.1";
const INSIDE = "198.18.231.2";

export class NetworkHole {
  /** The address at which what runs inside is reached. */
  readonly address = INSIDE;

  /** @returns null, with the reason, where this machine has no such networks. */
  static open(): NetworkHole | string {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return "it takes Linux and root";
    const hole = new NetworkHole();
    try {
      run("ip", ["netns", "add", PREFIX]);
      run("ip", ["link", "add", `${PREFIX}a`, "type", "veth", "peer", "name", `${PREFIX}b`]);
      run("ip", ["link", "set", `${PREFIX}b`, "netns", PREFIX]);
      run("ip", ["addr", "add", `${HOST}/30`, "dev", `${PREFIX}a`]);
      run("ip", ["link", "set", `${PREFIX}a`, "up"]);
      hole.inside("ip", ["addr", "add", `${INSIDE}/30`, "dev", `${PREFIX}b`]);
      hole.inside("ip", ["link", "set", `${PREFIX}b`, "up"]);
      hole.inside("ip", ["link", "set", "lo", "up"]);
      hole.dropPackets(true);
      hole.dropPackets(false);
      return hole;
    } catch (error) {
      hole.close();
      return `no network namespace with a firewall can be made here (iproute2, iptables): ${String(error)}`;
    }
  }

  /** Words that run a command inside. */
  get enter(): readonly string[] {
    return ["ip", "netns", "exec", PREFIX];
  }

  /** Every packet in or out vanishes, without a word to either end. */
  dropPackets(isDropping: boolean): void {
    for (const chain of ["INPUT", "OUTPUT"]) {
      this.inside("iptables", [isDropping ? "-I" : "-D", chain, "-j", "DROP"]);
    }
  }

  close(): void {
    // The cables go with the namespace.
    try {
      run("ip", ["netns", "del", PREFIX]);
    } catch {
      // It never came to be.
    }
  }

  private inside(command: string, args: string[]): void {
    run("ip", ["netns", "exec", PREFIX, command, ...args]);
  }
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
}
