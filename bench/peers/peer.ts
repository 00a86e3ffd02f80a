/** What is measured side by side, and what each has to offer for it. */
import type { Browser, Page } from "playwright";
import type { PacketPath } from "../../e2e/soak/packet-path.ts";
import type { ClockSourceOptions, ClockSources } from "../../e2e/support/clock/clock-sources.ts";
import type { Arrival } from "../latency/arrivals.ts";

export interface Peer {
  /** In the report. */
  readonly name: string;
  /** Whether the network is cut as well: that takes most of the time, and one variant of a peer is enough for it. */
  readonly isCut: boolean;
  /** Starts servers and page; resolves when media is on its way. */
  start(lane: Lane): Promise<Streaming>;
}

/** What a peer gets for one session. */
export interface Lane {
  /** The way between page and servers: the page is on this side, the servers are inside. */
  readonly packets: PacketPath;
  /** For what the session leaves. */
  readonly folder: string;
  readonly sources: ClockSourceOptions;
  /** Called in reverse order when the session is over, however it went. */
  readonly cleanUps: (() => Promise<unknown>)[];
}

export interface Streaming {
  readonly browser: Browser;
  readonly page: Page;
  /** Process ids of what serves a phone, by what each is. */
  readonly servers: Readonly<Record<string, number>>;
  /** Ends the stream as the peer's own page does, and reads what arrived. */
  finish(given: ClockSources): Promise<Received>;
}

export interface Received {
  /** When the handler had the encoded bytes; null where the peer hands out decoded media only. */
  readonly bytes: Arrivals | null;
  /** When the application's Python had it decoded; null where nothing decodes it while it runs. */
  readonly decoded: Arrivals | null;
  /** What was sent, for people. */
  readonly format: string;
  /** What the peer itself says of what is missing, in words; null where it says nothing. */
  readonly account: string | null;
}

export interface Arrivals {
  readonly video: readonly Arrival[];
  readonly audio: readonly Arrival[];
  /** When the application was given a picture whose clock cannot be read. */
  readonly damagedAt: readonly number[];
}
