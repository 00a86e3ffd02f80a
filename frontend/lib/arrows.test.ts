/** The arrows that docs/architecture.md draws, tried on the linter that holds them. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const BIOME = path.resolve(
  path.dirname(createRequire(import.meta.url).resolve("@biomejs/biome/package.json")),
  "bin/biome",
);

/** What a file of each room may not import. */
const BREACHES = [
  ["frontend/model/zz.ts", "../lib/session/store"],
  ["frontend/model/zz.ts", "@/lib/clock"],
  ["frontend/model/zz.ts", "react"],
  ["frontend/lib/zz.ts", "./capture/types"],
  ["frontend/lib/zz.ts", "./capture"],
  ["frontend/lib/protocol/zz.ts", "../transport/outbox"],
  ["frontend/lib/protocol/zz.ts", "../capture/types"],
  ["frontend/lib/protocol/zz.ts", "react"],
  ["frontend/lib/transport/zz.ts", "../capture/types"],
  ["frontend/lib/transport/zz.ts", "../worker/commands"],
  ["frontend/lib/transport/zz.ts", "../worker"],
  ["frontend/lib/transport/zz.ts", "@/lib/capture"],
  ["frontend/lib/transport/zz.ts", "../session/store"],
  ["frontend/lib/transport/zz.ts", "react"],
  ["frontend/lib/transport/zz.ts", "../adaptation/rate-control"],
  ["frontend/lib/transport/zz.ts", "../storage"],
  ["frontend/lib/storage/zz.ts", "../worker"],
  ["frontend/lib/storage/zz.ts", "../capture/types"],
  ["frontend/lib/storage/zz.ts", "../session/store"],
  ["frontend/lib/capture/zz.ts", "../storage"],
  ["frontend/app/zz.tsx", "@/lib/storage"],
  ["frontend/lib/adaptation/zz.ts", "../capture/types"],
  ["frontend/lib/adaptation/zz.ts", "../worker/commands"],
  ["frontend/lib/adaptation/zz.ts", "../session/store"],
  ["frontend/lib/adaptation/zz.test.ts", "../session/store"],
  ["frontend/lib/capture/video/zz.ts", "../../adaptation/rate-control"],
  ["frontend/lib/capture/video/zz.ts", "../../transport/outbox"],
  ["frontend/lib/capture/video/zz.ts", "../../protocol/frames"],
  ["frontend/lib/capture/devices/zz.ts", "../../worker/commands"],
  ["frontend/lib/capture/devices/zz.ts", "../../session/store"],
  ["frontend/lib/capture/zz.ts", "@/components/Toasts"],
  ["frontend/lib/capture/zz.ts", "next/navigation"],
  ["frontend/lib/capture/zz.ts", "react/jsx-runtime"],
  ["frontend/lib/worker/zz.ts", "../session/store"],
  ["frontend/lib/worker/zz.ts", "@/app"],
  ["frontend/lib/worker/zz.ts", "@/components/Toasts"],
  ["frontend/lib/worker/zz.ts", "react"],
  ["frontend/lib/session/zz.ts", "@/components/Toasts"],
  ["frontend/lib/session/zz.ts", "../../components/Toasts"],
  ["frontend/lib/session/zz.ts", "@/app/views"],
  ["frontend/lib/session/zz.ts", "react"],
  ["frontend/lib/session/use-source.ts", "@/components/Toasts"],
  ["frontend/components/Zz/Zz.tsx", "@/lib/session/session"],
  ["frontend/components/Zz/Zz.tsx", "../../lib/clock"],
  ["frontend/components/Zz/Zz.tsx", "../../lib"],
  ["frontend/components/Zz/Zz.tsx", "@/app/views"],
  ["frontend/app/zz.tsx", "@/lib/transport/outbox"],
  ["frontend/app/zz.tsx", "@/lib/capture/types"],
  ["frontend/app/zz.tsx", "@/lib/worker/proxy"],
  ["frontend/app/zz.tsx", "@/lib/worker"],
  ["frontend/app/zz.tsx", "@/lib/clock"],
  ["frontend/app/zz.tsx", "../lib/protocol/messages"],
  ["frontend/pages/zz.tsx", "@/lib/transport/outbox"],
  ["frontend/pages/zz.tsx", "@/lib/session/session"],
  ["frontend/lib/watch/zz.ts", "../capture/types"],
  ["frontend/lib/watch/zz.ts", "../worker"],
  ["frontend/lib/watch/zz.ts", "../adaptation/rate-control"],
  ["frontend/lib/watch/zz.ts", "../session/session"],
  ["frontend/lib/watch/zz.ts", "../transport/outbox"],
  ["frontend/app/watch/zz.tsx", "@/lib/watch/watch-session"],
  ["frontend/lib/watch/container/zz.ts", "../../capture/types"],
  ["frontend/lib/watch/zz.ts", "@/components/Toasts"],
  ["frontend/lib/watch/zz.ts", "react"],
  ["frontend/lib/session/zz.ts", "../watch/watch-session"],
  ["frontend/lib/transport/zz.ts", "../watch/watch-session"],
  ["frontend/lib/capture/zz.ts", "../watch/container/packets"],
  ["frontend/lib/worker/zz.ts", "../watch/watch-session"],
  ["frontend/lib/zz.ts", "./watch/playhead"],
  ["frontend/components/Zz/Zz.tsx", "@/lib/watch/watch-session"],
  ["frontend/lib/session/zz.ts", "../capture/devices/acquire"],
  ["frontend/lib/session/zz.ts", "../capture/devices/index"],
  ["frontend/lib/session/zz.ts", "../capture/choose"],
  ["frontend/lib/session/zz.ts", "@/lib/capture/encode/batcher"],
  ["frontend/lib/session/zz.test.ts", "../capture/types"],
  ["frontend/lib/session/testing/zz.ts", "../../capture/video/encoder"],
  ["frontend/lib/session/use-source.ts", "../capture/devices/list"],
  ["frontend/lib/worker/zz.ts", "../capture/segment-details"],
  ["frontend/lib/worker/zz.ts", "../capture/audio/pcm-source"],
  ["frontend/lib/worker/zz.ts", "../capture/recorder/media-recorder"],
  ["frontend/lib/worker/testing/zz.ts", "../../capture/encode/encoder"],
  ["frontend/lib/adaptation/zz.test.ts", "../capture/devices/presets"],
  ["frontend/lib/adaptation/zz.ts", "../transport/path-figures"],
  ["frontend/lib/adaptation/zz.test.ts", "../transport/outbox"],
  ["frontend/lib/worker/zz.ts", "../transport/stream-sender"],
  ["frontend/lib/worker/zz.ts", "../adaptation/video-adaptation"],
  ["frontend/lib/worker/testing/zz.ts", "../../transport/limits"],
  ["frontend/lib/session/zz.ts", "../transport/limits"],
  ["frontend/lib/session/zz.ts", "../adaptation/picture-ladder"],
  ["frontend/lib/session/zz.ts", "../worker/commands"],
  ["frontend/lib/session/zz.test.ts", "../worker/proxy"],
  ["frontend/lib/session/use-source.ts", "../worker/proxy"],
  ["frontend/app/zz.tsx", "@/lib/session/session"],
  ["frontend/app/zz.tsx", "@/lib/session/store"],
  ["frontend/app/zz.tsx", "../lib/session/stream-status"],
  ["tools/zz.ts", "../e2e/support/ui"],
  ["tools/zz.ts", "../frontend/lib/clock"],
  ["tools/zz.ts", "../e2e"],
  ["e2e/support/zz.ts", "../../bench/latency/run"],
] as const;

const ALLOWED = [
  ["frontend/lib/transport/yy.ts", "../protocol/frames"],
  ["frontend/lib/transport/yy.ts", "../clock"],
  ["frontend/lib/storage/yy.ts", "../transport"],
  ["frontend/lib/storage/yy.ts", "../protocol/frames"],
  ["frontend/lib/worker/yy.ts", "../storage"],
  ["frontend/lib/adaptation/yy.ts", "../transport"],
  ["frontend/lib/adaptation/testing/yy.ts", "../../transport/testing/fake-network"],
  ["frontend/lib/adaptation/yy.test.ts", "../capture/devices"],
  ["frontend/lib/worker/yy.ts", "../adaptation"],
  ["frontend/lib/capture/video/yy.ts", "../types"],
  ["frontend/lib/worker/yy.ts", "../capture"],
  ["frontend/lib/worker/yy.ts", "../capture/video"],
  ["frontend/lib/worker/yy.ts", "../capture/probe"],
  ["frontend/lib/worker/testing/yy.ts", "../../capture/encode"],
  ["frontend/lib/session/yy.ts", "../capture/devices"],
  ["frontend/lib/session/yy.test.ts", "../capture/testing/fake-media"],
  ["frontend/lib/worker/yy.ts", "../transport"],
  ["frontend/lib/session/yy.ts", "../worker"],
  ["frontend/lib/session/yy.test.ts", "../worker/testing/both-ends"],
  ["frontend/lib/session/yy.ts", "../transport"],
  ["frontend/lib/session/yy.ts", "@/model/stream"],
  ["frontend/lib/session/use-source.ts", "react"],
  ["frontend/components/Yy/Yy.tsx", "@/model/stream"],
  ["frontend/components/Yy/Yy.tsx", "react"],
  ["frontend/app/yy.tsx", "@/lib/session"],
  ["frontend/app/yy.tsx", "@/lib/session/use-source"],
  ["frontend/app/yy.tsx", "../lib/session/backend-setting"],
  ["frontend/app/yy.tsx", "../lib/session/backend-address"],
  ["frontend/app/yy.tsx", "@/components/Toasts"],
  ["frontend/pages/yy.tsx", "@/lib/session/visit"],
  ["frontend/lib/watch/yy.ts", "../protocol/frames"],
  ["frontend/lib/watch/yy.ts", "../transport"],
  ["frontend/lib/watch/yy.ts", "../session/store"],
  ["frontend/lib/watch/yy.ts", "../session/backend-address"],
  ["frontend/app/watch/yy.tsx", "@/lib/watch"],
  ["e2e/support/yy.ts", "../../tools/paths"],
  ["bench/latency/yy.ts", "../../e2e/support/ui"],
] as const;

/** A name of its own in the same folder, except where a rule names the file. */
function nameOf(file: string, nth: number): string {
  return file.endsWith("/use-source.ts") ? file : file.replace(/\/([^/.]+)([^/]*)$/, `/$1-${nth}$2`);
}

/** @returns the files of a tree, given by their text, that a rule refuses. */
async function refusedBy(
  rule: string,
  files: readonly (readonly [file: string, text: string])[],
): Promise<Set<string>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "twincast-arrows-"));
  try {
    for (const config of ["biome.json", "package.json", "frontend/package.json", "frontend/tsconfig.json"]) {
      await mkdir(path.dirname(path.join(folder, config)), { recursive: true });
      await cp(path.join(REPOSITORY, config), path.join(folder, config));
    }
    for (const [file, text] of files) {
      const target = path.join(folder, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    }
    const report = await new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        [
          BIOME,
          "lint",
          "--vcs-enabled=false",
          `--only=${rule}`,
          "--max-diagnostics=200",
          "--reporter=json",
          ".",
        ],
        { cwd: folder, maxBuffer: 10_000_000 },
        (_error, stdout) => resolve(stdout),
      ),
    );
    const { diagnostics } = JSON.parse(report) as {
      diagnostics: { category: string; severity: string; location: { path: string | { file: string } } }[];
    };
    return new Set(
      diagnostics
        .filter(({ category, severity }) => category === `lint/${rule}` && severity === "error")
        .map(({ location }) => (typeof location.path === "string" ? location.path : location.path.file)),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lints a tree with one import a file. @returns the files that were refused. */
function refused(imports: readonly (readonly [file: string, from: string])[]): Promise<Set<string>> {
  return refusedBy(
    "style/noRestrictedImports",
    imports.map(
      ([file, from], nth) =>
        [
          nameOf(file, nth),
          `import * as imported from "${from}";\n\nexport const used = imported;\n`,
        ] as const,
    ),
  );
}

describe("the linter", () => {
  let found: Set<string>;
  beforeAll(async () => {
    found = await refused(BREACHES);
  });

  it.each(BREACHES.map(([file, from], nth) => ({ file, from, at: nameOf(file, nth) })))(
    "refuses that $file imports $from",
    ({ at }) => {
      expect(found).toContain(at);
    },
  );

  it("lets every arrow pass that is drawn", async () => {
    expect(await refused(ALLOWED)).toEqual(new Set());
  });
});

it("lets no circle of imports pass, in frontend, tools, tests or benchmarks, nor one of types alone", async () => {
  const circles = [
    ["frontend/lib/worker/one.ts", "./two", "frontend/lib/worker/two.ts", "@/lib/worker/one"],
    ["frontend/components/One/One.tsx", "@/components/Two", "frontend/components/Two/index.ts", "../One/One"],
    ["tools/one.ts", "./setup/two.ts", "tools/setup/two.ts", "../one.ts"],
    ["e2e/one.ts", "./support/two.ts", "e2e/support/two.ts", "../one.ts"],
    ["bench/one.ts", "./two.ts", "bench/two.ts", "./one.ts"],
  ] as const;
  const files = circles.flatMap(([one, toTwo, two, toOne]) => [
    [one, `import type { Two } from "${toTwo}";\n\nexport interface One {\n  two: Two;\n}\n`] as const,
    [two, `import type { One } from "${toOne}";\n\nexport interface Two {\n  one: One;\n}\n`] as const,
  ]);
  const expected = files.map(([file]) => file);
  expect(await refusedBy("suspicious/noImportCycles", files)).toEqual(new Set(expected));
});

it("imports by nothing that the linter does not see", async () => {
  const folder = path.join(REPOSITORY, "frontend");
  const unseen: string[] = [];
  for (const room of ["app", "components", "lib", "model"]) {
    const files = await readdir(path.join(folder, room), { recursive: true });
    for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
      const text = await readFile(path.join(folder, room, file), "utf8");
      if (/\brequire\(|\bimport\("[./@][^"]*"\)\.(?!then\b|catch\b)|\btypeof import\(/.test(text))
        unseen.push(`${room}/${file}`);
    }
  }
  expect(unseen).toEqual([]);
});

it("reads the device's clock nowhere but where there is no other: on the audio thread, in what comes from it, and to tell a worker the page's time", async () => {
  const files = await readdir(path.join(REPOSITORY, "frontend/lib"), { recursive: true });
  const sources = files.filter((file) => /\.(ts|js)$/.test(file) && !/\.test\.ts$/.test(file));
  const readers: string[] = [];
  for (const file of sources) {
    const text = await readFile(path.join(REPOSITORY, "frontend/lib", file), "utf8");
    if (text.replaceAll(/`Date\.now\(\)`/g, "").includes("Date.now")) readers.push(file);
  }
  expect(readers.toSorted()).toEqual([
    "capture/audio/pcm-reader.ts",
    "capture/audio/pcm-worklet.js",
    "clock.ts",
  ]);
});
