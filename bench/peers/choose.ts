/** Which peers can be measured here, and why the others cannot. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { run } from "../../tools/processes.ts";
import { aiortcPeer } from "./aiortc/peer.ts";
import { ensureLiveKitClient, ensureLiveKitServer, ensurePython } from "./environment.ts";
import { liveKitPeer } from "./livekit/peer.ts";
import { mediaRecorderPeer } from "./media-recorder/peer.ts";
import type { Peer } from "./peer.ts";
import { twincastPeer } from "./twincast/peer.ts";

export interface Choice {
  readonly peers: readonly Peer[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly versions: Readonly<Record<string, string>>;
}

const OWN: readonly Peer[] = [
  twincastPeer({
    name: "Twincast, realtime",
    search: "?encoder=webcodecs&cadence=realtime",
    decodes: true,
    isCut: true,
  }),
  // What the page does unless it is told otherwise, into a handler that only takes the bytes.
  twincastPeer({
    name: "Twincast, 100 ms, not decoded",
    search: "?encoder=webcodecs&cadence=100",
    decodes: false,
    isCut: false,
  }),
];

/** @param only parts of names, in small letters and with commas between them; empty for all. */
export async function choosePeers(only: string): Promise<Choice> {
  const isWanted = (name: string) => only.split(",").some((part) => name.toLowerCase().includes(part));
  const peers: Peer[] = [...OWN, mediaRecorderPeer].filter(({ name }) => isWanted(name));
  const missing: { name: string; reason: string }[] = [];
  const versions: Record<string, string> = {};
  const [wantsAiortc, wantsLiveKit] = [isWanted("aiortc"), isWanted("LiveKit")];
  const python = wantsAiortc || wantsLiveKit ? await ensurePython() : undefined;
  if (python?.kind === "here") Object.assign(versions, await pythonVersions(python.path));
  if (python && wantsAiortc) {
    if (python.kind === "here") peers.push(aiortcPeer(python.path));
    else missing.push({ name: "aiortc", reason: python.reason });
  }
  if (python && wantsLiveKit) {
    const [client, server] = [await ensureLiveKitClient(), await ensureLiveKitServer()];
    if (python.kind === "here" && client.kind === "here" && server.kind === "here") {
      peers.push(liveKitPeer({ python: python.path, client: client.path, server: server.path }));
      Object.assign(versions, liveKitVersions());
    } else {
      const reasons = [python, client, server].flatMap((part) =>
        part.kind === "missing" ? [part.reason] : [],
      );
      missing.push({ name: "LiveKit", reason: reasons.join(" ") });
    }
  }
  return { peers, missing, versions };
}

async function pythonVersions(python: string): Promise<Record<string, string>> {
  const question =
    "import importlib.metadata as m, json; print(json.dumps({f'{n} (Python)': m.version(n) for n in ('aiortc', 'livekit')}))";
  return JSON.parse((await run(python, ["-c", question])).output) as Record<string, string>;
}

/** As the lock files pin them. */
function liveKitVersions(): Record<string, string> {
  const read = (file: string) => readFileSync(path.join(import.meta.dirname, "livekit", file), "utf8");
  const { dependencies } = JSON.parse(read("client/package.json")) as {
    dependencies: Record<string, string>;
  };
  const [, server = "?"] = /livekit-server (v\S+)/.exec(read("server/go.mod")) ?? [];
  return { "livekit-client": dependencies["livekit-client"] ?? "?", "livekit-server": server };
}
