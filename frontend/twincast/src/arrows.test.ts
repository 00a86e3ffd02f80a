/** The arrows that docs/architecture.md draws, tried on the linter that holds them. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const REPOSITORY = path.resolve(import.meta.dirname, "../../..");
const BIOME = path.resolve(
  path.dirname(createRequire(import.meta.url).resolve("@biomejs/biome/package.json")),
  "bin/biome",
);

/** What a file of each room may not import. */
const BREACHES = [
  ["frontend/twincast/src/model/zz.ts", "../session/store"],
  ["frontend/twincast/src/model/zz.ts", "@/twincast/src/clock"],
  ["frontend/twincast/src/model/zz.ts", "react"],
  ["frontend/twincast/src/zz.ts", "./capture/types"],
  ["frontend/twincast/src/zz.ts", "./capture"],
  ["frontend/twincast/src/protocol/zz.ts", "../transport/outbox"],
  ["frontend/twincast/src/protocol/zz.ts", "../capture/types"],
  ["frontend/twincast/src/protocol/zz.ts", "react"],
  ["frontend/twincast/src/transport/zz.ts", "../capture/types"],
  ["frontend/twincast/src/transport/zz.ts", "../worker/commands"],
  ["frontend/twincast/src/transport/zz.ts", "../worker"],
  ["frontend/twincast/src/transport/zz.ts", "@/twincast/src/capture"],
  ["frontend/twincast/src/transport/zz.ts", "../session/store"],
  ["frontend/twincast/src/transport/zz.ts", "react"],
  ["frontend/twincast/src/transport/zz.ts", "../adaptation/rate-control"],
  ["frontend/twincast/src/transport/zz.ts", "../storage"],
  ["frontend/twincast/src/storage/zz.ts", "../worker"],
  ["frontend/twincast/src/storage/zz.ts", "../capture/types"],
  ["frontend/twincast/src/storage/zz.ts", "../session/store"],
  ["frontend/twincast/src/capture/zz.ts", "../storage"],
  ["frontend/twincast/src/adaptation/zz.ts", "../capture/types"],
  ["frontend/twincast/src/adaptation/zz.ts", "../worker/commands"],
  ["frontend/twincast/src/adaptation/zz.ts", "../session/store"],
  ["frontend/twincast/src/adaptation/zz.test.ts", "../session/store"],
  ["frontend/twincast/src/capture/video/zz.ts", "../../adaptation/rate-control"],
  ["frontend/twincast/src/capture/video/zz.ts", "../../transport/outbox"],
  ["frontend/twincast/src/capture/video/zz.ts", "../../protocol/frames"],
  ["frontend/twincast/src/capture/devices/zz.ts", "../../worker/commands"],
  ["frontend/twincast/src/capture/devices/zz.ts", "../../session/store"],
  ["frontend/twincast/src/capture/zz.ts", "@/components/Toasts"],
  ["frontend/twincast/src/capture/zz.ts", "next/navigation"],
  ["frontend/twincast/src/capture/zz.ts", "react/jsx-runtime"],
  ["frontend/twincast/src/worker/zz.ts", "../session/store"],
  ["frontend/twincast/src/worker/zz.ts", "@/app"],
  ["frontend/twincast/src/worker/zz.ts", "@/components/Toasts"],
  ["frontend/twincast/src/worker/zz.ts", "react"],
  ["frontend/twincast/src/session/zz.ts", "@/components/Toasts"],
  ["frontend/twincast/src/session/zz.ts", "../../components/Toasts"],
  ["frontend/twincast/src/session/zz.ts", "@/app/views"],
  ["frontend/twincast/src/session/zz.ts", "react"],
  ["frontend/components/Zz/Zz.tsx", "@/twincast/src/session/session"],
  ["frontend/components/Zz/Zz.tsx", "../../twincast/src/clock"],
  ["frontend/components/Zz/Zz.tsx", "../../twincast/src/session"],
  ["frontend/components/Zz/Zz.tsx", "@/app/views"],
  ["frontend/app/zz.tsx", "@/twincast/src/clock"],
  ["frontend/app/zz.tsx", "@/twincast/src/session"],
  ["frontend/app/zz.tsx", "../twincast/src/faces/index"],
  ["frontend/app/zz.tsx", "twincast/testing"],
  ["frontend/app/zz.stories.tsx", "@/twincast/src/session/session"],
  ["frontend/app/testing/zz.ts", "../../twincast/src/session/session"],
  ["frontend/components/Zz/Zz.tsx", "twincast/testing"],
  ["frontend/components/Zz/Zz.tsx", "twincast/react"],
  ["frontend/twincast/src/session/zz.ts", "twincast"],
  ["frontend/twincast/src/session/zz.ts", "../faces/index"],
  ["frontend/twincast/src/worker/zz.ts", "../react/use-source"],
  ["frontend/twincast/src/react/zz.ts", "../session/session"],
  ["frontend/twincast/src/react/zz.ts", "../transport"],
  ["frontend/twincast/src/react/zz.ts", "@/components/Toasts"],
  ["frontend/twincast/src/faces/index.ts", "../react/use-source"],
  ["frontend/twincast/src/faces/watch.ts", "react"],
  ["frontend/pages/zz.tsx", "@/twincast/src/transport/outbox"],
  ["frontend/pages/zz.tsx", "@/twincast/src/session/session"],
  ["frontend/twincast/src/watch/zz.ts", "../capture/types"],
  ["frontend/twincast/src/watch/zz.ts", "../worker"],
  ["frontend/twincast/src/watch/zz.ts", "../adaptation/rate-control"],
  ["frontend/twincast/src/watch/zz.ts", "../session/session"],
  ["frontend/twincast/src/watch/zz.ts", "../transport/outbox"],
  ["frontend/app/watch/zz.tsx", "@/twincast/src/watch/watch-session"],
  ["frontend/twincast/src/watch/container/zz.ts", "../../capture/types"],
  ["frontend/twincast/src/watch/zz.ts", "@/components/Toasts"],
  ["frontend/twincast/src/watch/zz.ts", "react"],
  ["frontend/twincast/src/session/zz.ts", "../watch/watch-session"],
  ["frontend/twincast/src/transport/zz.ts", "../watch/watch-session"],
  ["frontend/twincast/src/capture/zz.ts", "../watch/container/packets"],
  ["frontend/twincast/src/worker/zz.ts", "../watch/watch-session"],
  ["frontend/twincast/src/zz.ts", "./watch/playhead"],
  ["frontend/components/Zz/Zz.tsx", "@/twincast/src/watch/watch-session"],
  ["frontend/twincast/src/session/zz.ts", "../capture/devices/acquire"],
  ["frontend/twincast/src/session/zz.ts", "../capture/devices/index"],
  ["frontend/twincast/src/session/zz.ts", "../capture/choose"],
  ["frontend/twincast/src/session/zz.ts", "@/twincast/src/capture/encode/batcher"],
  ["frontend/twincast/src/session/zz.test.ts", "../capture/types"],
  ["frontend/twincast/src/session/testing/zz.ts", "../../capture/video/encoder"],
  ["frontend/twincast/src/worker/zz.ts", "../capture/segment-details"],
  ["frontend/twincast/src/worker/zz.ts", "../capture/audio/pcm-source"],
  ["frontend/twincast/src/worker/zz.ts", "../capture/recorder/media-recorder"],
  ["frontend/twincast/src/worker/testing/zz.ts", "../../capture/encode/encoder"],
  ["frontend/twincast/src/adaptation/zz.test.ts", "../capture/devices/presets"],
  ["frontend/twincast/src/adaptation/zz.ts", "../transport/path-figures"],
  ["frontend/twincast/src/adaptation/zz.test.ts", "../transport/outbox"],
  ["frontend/twincast/src/worker/zz.ts", "../transport/stream-sender"],
  ["frontend/twincast/src/worker/zz.ts", "../adaptation/video-adaptation"],
  ["frontend/twincast/src/worker/testing/zz.ts", "../../transport/limits"],
  ["frontend/twincast/src/session/zz.ts", "../transport/limits"],
  ["frontend/twincast/src/session/zz.ts", "../adaptation/picture-ladder"],
  ["frontend/twincast/src/session/zz.ts", "../worker/commands"],
  ["frontend/twincast/src/session/zz.test.ts", "../worker/proxy"],
  ["tools/zz.ts", "../e2e/support/ui"],
  ["tools/zz.ts", "../frontend/twincast/src/clock"],
  ["tools/zz.ts", "../e2e"],
  ["e2e/support/zz.ts", "../../bench/latency/run"],
] as const;

const ALLOWED = [
  ["frontend/twincast/src/transport/yy.ts", "../protocol/frames"],
  ["frontend/twincast/src/transport/yy.ts", "../clock"],
  ["frontend/twincast/src/storage/yy.ts", "../transport"],
  ["frontend/twincast/src/storage/yy.ts", "../protocol/frames"],
  ["frontend/twincast/src/worker/yy.ts", "../storage"],
  ["frontend/twincast/src/adaptation/yy.ts", "../transport"],
  ["frontend/twincast/src/adaptation/testing/yy.ts", "../../transport/testing/fake-network"],
  ["frontend/twincast/src/adaptation/yy.test.ts", "../capture/devices"],
  ["frontend/twincast/src/worker/yy.ts", "../adaptation"],
  ["frontend/twincast/src/capture/video/yy.ts", "../types"],
  ["frontend/twincast/src/worker/yy.ts", "../capture"],
  ["frontend/twincast/src/worker/yy.ts", "../capture/video"],
  ["frontend/twincast/src/worker/yy.ts", "../capture/probe"],
  ["frontend/twincast/src/worker/testing/yy.ts", "../../capture/encode"],
  ["frontend/twincast/src/session/yy.ts", "../capture/devices"],
  ["frontend/twincast/src/session/yy.test.ts", "../capture/testing/fake-media"],
  ["frontend/twincast/src/worker/yy.ts", "../transport"],
  ["frontend/twincast/src/session/yy.ts", "../worker"],
  ["frontend/twincast/src/session/yy.test.ts", "../worker/testing/both-ends"],
  ["frontend/twincast/src/session/yy.ts", "../transport"],
  ["frontend/twincast/src/session/yy.ts", "../model/stream"],
  ["frontend/components/Yy/Yy.tsx", "twincast"],
  ["frontend/components/Yy/Yy.tsx", "twincast/watch"],
  ["frontend/components/Yy/Yy.tsx", "react"],
  ["frontend/app/yy.tsx", "twincast"],
  ["frontend/app/yy.tsx", "twincast/react"],
  ["frontend/app/yy.tsx", "twincast/server"],
  ["frontend/app/yy.stories.tsx", "twincast/testing"],
  ["frontend/twincast/src/react/yy.ts", "../session"],
  ["frontend/twincast/src/react/yy.ts", "react"],
  ["frontend/twincast/src/faces/react.ts", "../react/use-source"],
  ["frontend/app/yy.tsx", "@/components/Toasts"],
  ["frontend/pages/yy.tsx", "@/app/visit"],
  ["frontend/twincast/src/watch/yy.ts", "../protocol/frames"],
  ["frontend/twincast/src/watch/yy.ts", "../transport"],
  ["frontend/twincast/src/watch/yy.ts", "../session/store"],
  ["frontend/twincast/src/watch/yy.ts", "../session/backend-address"],
  ["frontend/app/watch/yy.tsx", "twincast/watch"],
  ["e2e/support/yy.ts", "../../tools/paths"],
  ["bench/latency/yy.ts", "../../e2e/support/ui"],
] as const;

/** A name of its own in the same folder, except where a rule names the file. */
function nameOf(file: string, nth: number): string {
  return file.includes("/faces/") ? file : file.replace(/\/([^/.]+)([^/]*)$/, `/$1-${nth}$2`);
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
    [
      "frontend/twincast/src/worker/one.ts",
      "./two",
      "frontend/twincast/src/worker/two.ts",
      "@/twincast/src/worker/one",
    ],
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
  for (const room of ["app", "components", "pages", "twincast/src"]) {
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
  const files = await readdir(path.join(REPOSITORY, "frontend/twincast/src"), { recursive: true });
  const sources = files.filter((file) => /\.(ts|js)$/.test(file) && !/\.test\.ts$/.test(file));
  const readers: string[] = [];
  for (const file of sources) {
    const text = await readFile(path.join(REPOSITORY, "frontend/twincast/src", file), "utf8");
    if (text.replaceAll(/`Date\.now\(\)`/g, "").includes("Date.now")) readers.push(file);
  }
  expect(readers.toSorted()).toEqual([
    "capture/audio/pcm-reader.ts",
    "capture/audio/pcm-worklet.js",
    "clock.ts",
  ]);
});
