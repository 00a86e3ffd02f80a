/** What the documents point at is there. */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "NOTICE.md",
  "protocol/README.md",
  "protocol/watch.md",
  "protocol/conformance.md",
  "examples/vite/README.md",
  "examples/react/README.md",
  "frontend/twincast/README.md",
  ...globSync("docs/*.md", { cwd: ROOT }),
];

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[`*]/g, "")
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
const EXAMPLES = globSync("examples/{vite,react}/{*.ts,src/*}", { cwd: ROOT });
const withoutCode = (text: string) => text.replaceAll(/```[\s\S]*?```/g, "");

describe.each(DOCUMENTS)("%s", (document) => {
  const text = withoutCode(read(document));

  it("links only to files and headings that exist", () => {
    const broken = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => {
        const [file = "", anchor] = target.split("#");
        const absolute = file ? path.resolve(ROOT, path.dirname(document), file) : path.join(ROOT, document);
        if (!existsSync(absolute)) return true;
        if (anchor === undefined) return false;
        const headings = [...withoutCode(readFileSync(absolute, "utf8")).matchAll(/^#+ (.+)$/gm)];
        return !headings.some(([, heading = ""]) => anchorOf(heading) === anchor);
      });
    expect(broken).toEqual([]);
  });

  it("names only files of the repository that exist", () => {
    const missing = [
      ...text.matchAll(
        /`((?:frontend|backend|e2e|tools|bench|protocol|docs|\.storybook|\.railway)\/[\w./-]+)`/g,
      ),
    ]
      .map(([, file = ""]) => file)
      // What a person or a run makes is not in the repository.
      .filter((file) => !/(^|\/)(\.env|\.venv|node_modules|recordings|\.local|\.next)(\/|$)/.test(file))
      .filter((file) => !existsSync(path.join(ROOT, file)));
    expect(missing).toEqual([]);
  });
});

describe("docs/own-page.md", () => {
  const code = [...read("docs/own-page.md").matchAll(/```tsx?\n([\s\S]*?)```/g)].map(
    ([, block = ""]) => block,
  );

  it("shows only code that stands in the examples, which are built and run", () => {
    const files = EXAMPLES.map(read);
    expect(code.length).toBeGreaterThan(5);
    expect(code.filter((block) => !files.some((file) => file.includes(block)))).toEqual([]);
  });
});
