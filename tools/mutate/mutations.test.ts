import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../paths.ts";
import { MUTATIONS } from "./mutations.ts";

it("finds what each mutation breaks, once in its file", () => {
  const lost = MUTATIONS.filter(
    ({ file, before }) =>
      readFileSync(join(root, "frontend/twincast/src", file), "utf8").split(before).length !== 2,
  );
  expect(lost.map(({ file, promise }) => `${file}: ${promise}`)).toEqual([]);
});
