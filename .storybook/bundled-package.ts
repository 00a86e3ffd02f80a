import { readdirSync } from "node:fs";
import path from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import { normalizePath, type Plugin } from "vite";

/**
 * Serves the package `twincast` as a file for each name it is imported by and one for what they share, instead of as its
 * hundred modules, which a browser finds one depth after the other. A change of its source is seen as without this.
 *
 * @param source the folder of the package's source; everything enters it through `faces/`.
 */
export function bundledPackage(source: string): Plugin {
  const folder = normalizePath(path.join(source, "faces"));
  let bundling: Promise<Bundle> | undefined;
  return {
    name: "twincast:bundled-package",
    // a test may put another module in the place of one of these
    apply: (_, { command }) => command === "serve" && !process.env.VITEST,
    enforce: "pre",
    resolveId(id, importer) {
      const isOfBundle = id.startsWith(`./${CHUNK}`) && importer?.startsWith(`${folder}/`);
      // Beside the faces, though there is no such file: what is imported by a relative path is meant from there. With
      // the question mark, react-docgen does not look through all of it for components, which takes a second.
      return isOfBundle ? `${path.posix.join(folder, id)}?bundled` : undefined;
    },
    load: {
      filter: { id: /\/faces\/[^/]+(?:\.ts|\.js\?bundled)$/ },
      async handler(id) {
        if (path.posix.dirname(id) !== folder) return;
        bundling ??= bundle(folder);
        const { chunks, files } = await bundling;
        for (const file of files) this.addWatchFile(file);
        return chunks.get(path.posix.basename(id, "?bundled"));
      },
    },
    watchChange(id) {
      if (normalizePath(id).startsWith(normalizePath(`${source}/`))) bundling = undefined;
    },
  };
}

type Bundle = {
  /** By the file's name. */
  chunks: Map<string, Pick<OutputChunk, "code" | "map">>;
  /** What they were made of. */
  files: string[];
};

const CHUNK = "chunk-of-";

async function bundle(folder: string): Promise<Bundle> {
  const faces = readdirSync(folder).filter((file) => !file.endsWith(".test.ts"));
  const build = await rolldown({
    input: faces.map((face) => `${folder}/${face}`),
    external: (id) => !id.startsWith(".") && !path.isAbsolute(id),
    // "use client" means nothing here, and Rolldown says so once per file
    onLog: (level, log, handler) => log.code !== "MODULE_LEVEL_DIRECTIVE" && handler(level, log),
    plugins: [
      {
        name: "twincast:addresses-from-faces",
        // workers are found from where the code is served, which is not where it was written
        transform: {
          filter: { code: "import.meta.url" },
          handler: (code, id) => ({
            code: code.replaceAll(ADDRESS, (_, to: string) => {
              const file = path.resolve(path.dirname(id), to);
              return `new URL("${normalizePath(path.relative(folder, file))}", import.meta.url)`;
            }),
            map: null,
          }),
        },
      },
    ],
  });
  try {
    const { output } = await build.generate({
      entryFileNames: "[name].ts",
      chunkFileNames: `${CHUNK}[name].js`,
      codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
      sourcemap: true,
    });
    const chunks = output.filter((file) => file.type === "chunk");
    return {
      chunks: new Map(chunks.map(({ fileName, code, map }) => [fileName, { code, map }])),
      files: chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => path.isAbsolute(id)),
    };
  } finally {
    await build.close();
  }
}

const ADDRESS = /new URL\("(\.[^"]+)", import\.meta\.url\)/g;
