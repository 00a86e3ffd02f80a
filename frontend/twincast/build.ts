/** `npm run build` within this folder, and `npm pack`: the code, the types and the files beside them, in `dist`. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type Plugin, rolldown } from "rolldown";

const folder = import.meta.dirname;
const src = path.join(folder, "src");
const dist = path.join(folder, "dist");

/** Files that bundlers find by `new URL(…, import.meta.url)`: their places in the source, and their names in `dist`. */
const BESIDE: Readonly<Record<string, string>> = {
  "worker/worker.ts": "worker.js",
  "watch/viewer/worker.ts": "watch-worker.js",
  "capture/audio/pcm-worklet.js": "pcm-worklet.js",
  "watch/play/sound-worklet.js": "sound-worklet.js",
};

const filesBeside: Plugin = {
  name: "files-beside",
  transform(code, id) {
    if (!id.startsWith(src) || !code.includes("import.meta.url")) return null;
    return code.replaceAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g, (_all, written: string) => {
      const from = path.relative(src, path.resolve(path.dirname(id), written)).replaceAll("\\", "/");
      const to = BESIDE[from];
      if (to === undefined) throw new Error(`${id} names ${from}, which dist has under no name.`);
      // A worklet in a data: URL, as Vite makes of small files, needs more of a page's Content-Security-Policy.
      const query = to.endsWith("worklet.js") ? "?no-inline" : "";
      return `new URL("./${to}${query}", import.meta.url)`;
    });
  },
};

async function buildCode(): Promise<void> {
  const bundle = await rolldown({
    cwd: folder,
    input: {
      index: "src/faces/index.ts",
      react: "src/faces/react.ts",
      watch: "src/faces/watch.ts",
      server: "src/faces/server.ts",
      worker: "src/worker/worker.ts",
      "watch-worker": "src/watch/viewer/worker.ts",
    },
    platform: "browser",
    // Whoever builds a page with it has the packages that it names.
    external: /^[^./]/,
    transform: { target: "es2023" },
    plugins: [filesBeside],
    // The banner says it for the whole of the file.
    onLog: (level, log, handler) => log.code !== "MODULE_LEVEL_DIRECTIVE" && handler(level, log),
  });
  await bundle.write({
    dir: dist,
    format: "esm",
    // All in one folder: a chunk says of a worker that it lies beside it.
    chunkFileNames: "[name]-[hash].js",
    banner: ({ name }) => (name === "react" ? '"use client";' : ""),
  });
  await bundle.close();
  for (const [from, to] of Object.entries(BESIDE)) {
    if (from.endsWith(".js")) copyFileSync(path.join(src, from), path.join(dist, to));
  }
}

function buildTypes(): void {
  const compiler = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(readFileSync(compiler, "utf8")) as { bin: { tsc: string } };
  const tsc = path.join(path.dirname(compiler), bin.tsc);
  execFileSync(process.execPath, [tsc, "-p", folder], { stdio: "inherit" });
  for (const file of globSync("types/**/*.d.ts", { cwd: dist })) nameFiles(path.join(dist, file));
}

/** Writes out which file each import means: the source leaves that to a bundler, and not everybody's compiler does. */
function nameFiles(file: string): void {
  const text = readFileSync(file, "utf8");
  const named = text.replaceAll(/(from |import\()"(\.[^"]+)"/g, (all, before: string, written: string) => {
    const target = path.resolve(path.dirname(file), written);
    if (existsSync(`${target}.d.ts`)) return `${before}"${written}.js"`;
    return existsSync(path.join(target, "index.d.ts")) ? `${before}"${written}/index.js"` : all;
  });
  writeFileSync(file, named);
}

rmSync(dist, { recursive: true, force: true });
await buildCode();
buildTypes();
