/** kill -9 of the backend in mid-stream, and a new one on the same port with nothing in its memory. */
import path from "node:path";
import { streamsAfter } from "../support/cuts.ts";
import { FaultProxy } from "../support/fault-proxy.ts";
import { type Spread, spreadOf } from "../support/figures.ts";
import { stopStreaming } from "../support/flows.ts";
import { freePort, startBackend } from "../support/processes.ts";
import { Recording } from "../support/recording.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import { openPhone, originOf } from "./phone.ts";

export interface KillFigures {
  readonly kills: number;
  /** From the new process's first answer to the next chunk, both streams, ms. */
  readonly recoveryMs: Spread | null;
  readonly video: Verdict;
  readonly audio: Verdict;
}

const KINDS = ["video", "audio"] as const;
const BETWEEN_MS = 4_000;

export async function runKills(kills: number, folder: string): Promise<KillFigures> {
  const webPort = await freePort();
  const proxy = await FaultProxy.start();
  const recordingDir = path.join(folder, "kills");
  const recording = new Recording(recordingDir);
  const start = () => startBackend({ recordingDir, origins: [originOf(webPort)] });
  let backend = await start();
  proxy.forwardTo(backend.port);
  const phone = await openPhone(webPort, `http://127.0.0.1:${proxy.port}`);
  try {
    const recoveries: number[] = [];
    await phone.stream();
    for (let kill = 0; kill < kills; kill++) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
      await backend.stop("SIGKILL");
      backend = await start();
      const returnedAt = Date.now();
      proxy.forwardTo(backend.port);
      for (const kind of KINDS) {
        await streamsAfter(() => recording.stream(kind), returnedAt, `${kind} after a kill`);
        const first = recording.stream(kind).chunks.find(({ receivedAt }) => receivedAt >= returnedAt);
        if (first) recoveries.push(first.receivedAt - returnedAt);
      }
    }
    await stopStreaming(phone.ui);
    const video = await judge(recording.stream("video"), folder);
    const audio = await judge(recording.stream("audio"), folder);
    return { kills, recoveryMs: spreadOf(recoveries), video, audio };
  } finally {
    await phone.close();
    await backend.stop();
    await proxy.close();
  }
}
