/** The example clients, which have no browser, against the real backend and a network that breaks. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { backend as backendFolder, python, root } from "../tools/paths.ts";
import { LOOPBACK } from "../tools/start/ports.ts";
import { expect, test } from "./support/fixtures.ts";
import { ffmpegPath } from "./support/media.ts";
import type { RecordedStream } from "./support/recording.ts";
import { judge, WHOLE } from "./support/verdict.ts";

const execute = promisify(execFile);
const examples = path.join(root, "examples/clients");

const CLIENTS = [
  { name: "Python", command: python.executable, script: path.join(examples, "python/stream.py") },
  { name: "Node", command: process.execPath, script: path.join(examples, "node/stream.ts") },
];

const PICTURES = 40;

// They have no page, and no Origin.
test.use({ backendEnv: { ALLOWED_ORIGINS: "" } });

/** Cuts the stream's connection, and then kills the backend and starts another, while the client sends. */
async function disturb(
  stream: () => RecordedStream,
  faults: { cut(kind: "video"): void },
  backend: { stop(signal: NodeJS.Signals): Promise<void>; start(): Promise<void> },
): Promise<void> {
  const has = (chunks: number) =>
    expect.poll(() => stream().chunks.length, { timeout: 20_000 }).toBeGreaterThan(chunks);
  await has(5);
  faults.cut("video");
  await expect.poll(() => stream().connections, { timeout: 20_000 }).toBe(2);
  await has(12);
  await backend.stop("SIGTERM");
  await backend.start();
}

for (const { name, command, script } of CLIENTS) {
  test(`the ${name} client delivers a file whole, through a cut and a new backend`, async ({
    backend,
    faults,
  }, info) => {
    const clip = info.outputPath("clip.webm");
    const made = ["-f", "lavfi", "-i", "testsrc2=duration=4:size=320x240:rate=30", "-c:v", "libvpx"];
    await execute(await ffmpegPath(), ["-v", "error", ...made, "-b:v", "600k", "-g", "30", clip]);
    const video = () => backend.recording.stream("video");
    const url = `ws://${LOOPBACK}:${faults.port}/ws/video`;
    const client = execute(command, [script, url, clip, "video/webm"]);
    await disturb(video, faults, backend);
    const { stdout } = await client;

    // What the first backend took, nobody can compare any more; the rest of the file is one range.
    expect(JSON.parse(stdout)).toMatchObject({
      type: "ended",
      gaps: [],
      ranges: [{ from: 0, state: "unknown" }, { state: "verified" }],
    });
    expect(video().connections).toBe(3);
    const { lost, repeated } = await judge(video(), info.outputDir);
    expect({ lost, repeated }).toEqual({ lost: [], repeated: [] });
    const recorded = video().segmentFiles.flatMap(({ files }) => files.map((file) => readFileSync(file)));
    expect(Buffer.concat(recorded).equals(readFileSync(clip))).toBe(true);
  });

  test(`the ${name} client delivers the pictures of a camera in the network`, async ({
    backend,
    faults,
  }, info) => {
    const made = ["-f", "lavfi", "-i", "testsrc2=size=160x120", "-frames:v", "1", "-f", "mjpeg", "-"];
    const { stdout: picture } = await execute(await ffmpegPath(), ["-v", "error", ...made], {
      encoding: "buffer",
    });
    const camera = createServer(async (_request, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=picture" });
      for (let sent = 0; sent < PICTURES; sent++) {
        const head = `--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`;
        response.write(Buffer.concat([Buffer.from(head), picture, Buffer.from("\r\n")]));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      response.end();
    });
    await new Promise<void>((resolve) => camera.listen(0, LOOPBACK, resolve));
    const { port } = camera.address() as { port: number };
    const url = `ws://${LOOPBACK}:${faults.port}/ws/video`;
    await execute(command, [script, url, `http://${LOOPBACK}:${port}/`, "video/x-motion-jpeg"]);
    camera.close();

    const video = backend.recording.stream("video");
    expect(video.chunks.map(({ bytes }) => bytes)).toEqual(Array(PICTURES).fill(picture.length));
    expect(await judge(video, info.outputDir)).toMatchObject(WHOLE);
  });
}

test("a client that the backend refuses says why, and ends", async ({ backend: _running, faults }, info) => {
  const clip = path.join(root, "protocol/README.md");
  const env = { ...process.env, TWINCAST_SESSION: "no uuid" };
  for (const { command, script } of CLIENTS) {
    const url = `ws://${LOOPBACK}:${faults.port}/ws/video`;
    const client = execute(command, [script, url, clip, "video/webm"], { env, timeout: info.timeout });
    await expect(client).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("bad-message") });
  }
});

/** @returns the page's sender as a program that runs by itself */
async function bundleSender(outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      ssr: path.join(root, "frontend/twincast/src/transport/testing/sender-program.ts"),
      outDir,
      rolldownOptions: { output: { entryFileNames: "sender.mjs" } },
    },
    ssr: { noExternal: true },
  });
  return path.join(outDir, "sender.mjs");
}

interface Judged {
  readonly code: string;
  readonly verdict: "pass" | "fail" | "not-applicable";
  readonly note: string;
}

async function conformanceOf(command: readonly string[], timeout: number): Promise<readonly Judged[]> {
  const line = command.map((part) => `'${part}'`).join(" ");
  const run = ["-m", "twincast.conformance", "client", "--command", line, "--json"];
  // A case that failed is in the report, and in the exit status as well.
  const { stdout } = await execute(python.executable, run, { cwd: backendFolder, timeout }).catch(
    (error) => error,
  );
  return JSON.parse(stdout).cases;
}

const LEFT_OUT_BY_EXAMPLES = [
  "client-gap-next",
  "client-gap-unsent",
  "client-gap-segment",
  "client-close-1009",
  "client-close-4413",
];

test("the examples and the page's own sender pass the conformance run", async ({
  browserName: _none,
}, info) => {
  const clip = info.outputPath("clip.bin");
  writeFileSync(clip, randomBytes(400_000));
  const [sender, ...examples] = await Promise.all([
    bundleSender(info.outputPath("sender")).then((program) =>
      conformanceOf([process.execPath, program, "{url}"], info.timeout),
    ),
    ...CLIENTS.map(({ command, script }) =>
      conformanceOf([command, script, "{url}", clip, "video/webm"], info.timeout),
    ),
  ]);
  const codes = (cases: readonly Judged[], verdict: Judged["verdict"]) =>
    cases.filter((one) => one.verdict === verdict).map(({ code, note }) => ({ code, note }));
  for (const cases of [sender, ...examples]) expect(codes(cases, "fail")).toEqual([]);
  for (const cases of examples) {
    expect(codes(cases, "not-applicable").map(({ code }) => code)).toEqual(LEFT_OUT_BY_EXAMPLES);
  }
  // Its own window may stay smaller than the run's.
  for (const { code } of codes(sender, "not-applicable")) expect(code).toBe("client-window");
});
