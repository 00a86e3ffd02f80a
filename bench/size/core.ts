/** The code that captures and transports, as a bundler ships it. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const LIB = path.resolve(import.meta.dirname, "../../frontend/twincast/src");

/**
 * The way of every chunk, from a track to its acknowledgement: the choice of an encoder, MediaRecorder's, the sender with
 * its connection and outbox, and the protocol. With all that these import.
 */
const CORE = [
  "capture/choose.ts",
  "capture/recorder/media-recorder.ts",
  "capture/devices/audio-input.ts",
  "transport/stream-sender.ts",
  "transport/socket.ts",
  "protocol/close-codes.ts",
  "protocol/frames.ts",
  "protocol/messages.ts",
];

/** Loaded where WebCodecs is tried, on the page and in the worker, which then loads Mediabunny. */
const WEBCODECS = [
  "capture/video/frame-source.ts",
  "capture/audio/pcm-source.ts",
  "capture/probe.ts",
  "capture/audio/encoder.ts",
  "capture/video/encoder.ts",
  "capture/encode/matroska.ts",
];

const ENTRY = "virtual:entry";

export interface CoreSizes {
  readonly coreBytes: number;
  readonly webcodecsBytes: number;
  /** Everything in the three folders: permissions, device care, presets and all. */
  readonly allBytes: number;
  readonly coreWithLibrariesBytes: number;
}

/** Gzipped sizes of our own code, minified, and once with the libraries that it imports (never Mediabunny). */
export async function measureCore(): Promise<CoreSizes> {
  return {
    coreBytes: await gzippedBytes(CORE, "left-out"),
    webcodecsBytes: await gzippedBytes(WEBCODECS, "left-out"),
    allBytes: await gzippedBytes(allModules(), "left-out"),
    coreWithLibrariesBytes: await gzippedBytes(CORE, "included"),
  };
}

function allModules(): string[] {
  return ["capture", "transport", "protocol"].flatMap((folder) =>
    readdirSync(path.join(LIB, folder), { encoding: "utf8", recursive: true })
      .filter((name) => name.endsWith(".ts") && !/\.test\.ts$|testing/.test(name))
      .map((name) => `${folder}/${name}`),
  );
}

/** Bundles modules with all that they export, so that nothing is shaken off. */
async function gzippedBytes(modules: readonly string[], libraries: "left-out" | "included"): Promise<number> {
  const entry = modules.map((file) => `export * from ${JSON.stringify(path.join(LIB, file))};`).join("\n");
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: LIB,
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === ENTRY ? `\0${ENTRY}` : undefined),
        load: (id) => (id === `\0${ENTRY}` ? entry : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: {
        input: ENTRY,
        preserveEntrySignatures: "strict",
        external: (id) => isLibrary(id) && (libraries === "left-out" || id.startsWith("mediabunny")),
      },
    },
  });
  const bundles = Array.isArray(result) ? result : [result];
  const code = bundles
    .flatMap((bundle) => ("output" in bundle ? bundle.output : []))
    .flatMap((file) => (file.type === "chunk" ? [file.code] : []))
    .join("\n");
  if (code.length === 0) throw new Error("The bundler gave no code.");
  return gzipSync(code).length;
}

const isLibrary = (id: string) => !id.startsWith(".") && !path.isAbsolute(id) && !id.includes(":");
