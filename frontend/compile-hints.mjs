/**
 * After `next build`: asks the browser to compile the whole of each script while it comes, on a thread of its own. Without,
 * the page's thread compiles each function when it is first called, in one long task. The phone's page fetches
 * what it is about to run. Chrome from 136 on knows the comment (https://v8.dev/blog/explicit-compile-hints); to
 * others it is one.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const HINT = "//# allFunctionsCalledOnLoad\n";
const CHUNKS = join(import.meta.dirname, ".next/static/chunks");

const scripts = readdirSync(CHUNKS, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".js"),
);
if (scripts.length === 0) throw new Error("The build has no script.");
for (const script of scripts) {
  const path = join(CHUNKS, script);
  const source = readFileSync(path, "utf8");
  if (!source.startsWith(HINT)) writeFileSync(path, HINT + source);
}
