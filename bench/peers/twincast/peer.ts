/** This project: its built page, its backend, and its own decoding sink behind it. */
import path from "node:path";
import { badge, record } from "../../../e2e/support/flows.ts";
import { freePort, startBackend, startWeb } from "../../../e2e/support/processes.ts";
import { type RecordedStream, Recording } from "../../../e2e/support/recording.ts";
import { backend as backendFolder } from "../../../tools/paths.ts";
import { arrivedFiles, frameArrivals, toneArrivals } from "../../latency/arrivals.ts";
import { decodedArrivals } from "../collector/read.ts";
import type { Peer } from "../peer.ts";
import { openPhonePage } from "../servers.ts";

const TIMEOUT_MS = 30_000;
const KINDS = ["video", "audio"] as const;

export interface TwincastVariant {
  readonly name: string;
  /** Of the page's address. */
  readonly search: string;
  /** Whether PyAV decodes what arrives, by twincast.decode. */
  readonly decodes: boolean;
  readonly isCut: boolean;
}

/** What both ends agreed on. Pictures that the page left out before it encoded them are in no account. */
function accountIn({ kind, gaps, verified }: RecordedStream): string {
  const lostMs = gaps.reduce((sum, { ms }) => sum + ms, 0);
  return `${kind}: ${gaps.length} gaps, ${lostMs.toFixed(0)} ms, ${verified ? "verified" : "not verified"}`;
}

export function twincastPeer({ name, search, decodes, isCut }: TwincastVariant): Peer {
  return {
    name,
    isCut,
    start: async (lane) => {
      const { inside } = lane.packets;
      const recordingDir = path.join(lane.folder, "recording");
      const webPort = await freePort();
      const origin = `http://127.0.0.1:${webPort}`;
      const here = path.resolve(import.meta.dirname);
      const backend = await startBackend({
        recordingDir,
        origins: [origin],
        inside,
        env: decodes
          ? {
              SINKS: "console,file,decoding_sink:DecodingSink",
              PEERS_FOLDER: lane.folder,
              PYTHONPATH: [here, path.join(here, "../collector"), backendFolder].join(path.delimiter),
            }
          : {},
      });
      lane.cleanUps.push(() => backend.stop());
      const backendUrl = `http://${inside.address}:${backend.port}`;
      const web = await startWeb({ port: webPort, backendUrl });
      lane.cleanUps.push(() => web.stop());
      const { browser, page } = await openPhonePage(lane, `${origin}/${search}`);
      await page.getByRole("button", { name: "Allow camera and microphone" }).click();
      await page.locator(record("ready")).waitFor({ timeout: TIMEOUT_MS });
      await page.getByRole("button", { name: "Start streaming" }).click();
      for (const kind of KINDS) await page.locator(badge(kind, "live")).waitFor({ timeout: TIMEOUT_MS });
      return {
        browser,
        page,
        servers: { application: backend.pid },
        finish: async (given) => {
          await page.getByRole("button", { name: "Stop streaming" }).click();
          const end = page.getByRole("button", { name: "End it" });
          if (await end.isVisible()) await end.click();
          await page.locator(record("ended")).waitFor({ timeout: TIMEOUT_MS });
          await browser.close();
          await backend.stop();
          const recording = new Recording(recordingDir);
          const [video, audio] = KINDS.map((kind) => recording.stream(kind));
          if (!video || !audio) throw new Error("There is no recording.");
          const formats = [video, audio].map((one) => one.segmentFiles[0]?.mimeType ?? "nothing");
          return {
            bytes: {
              video: await frameArrivals(arrivedFiles(video), lane.sources.width),
              audio: await toneArrivals(arrivedFiles(audio), given.tones),
              damagedAt: [],
            },
            decoded: decodes ? await decodedArrivals(lane.folder, given.tones) : null,
            format: formats.join(" and "),
            account: [video, audio].map(accountIn).join("; "),
          };
        },
      };
    },
  };
}
