import { expect, it } from "vitest";
import { seconds } from "./progress.ts";

it.each([
  [0, "0.0 s"],
  [949, "0.9 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [119_400, "119 s"],
  [185_000, "3 min 05 s"],
])("writes %i ms as people would", (ms, text) => {
  expect(seconds(ms)).toBe(text);
});
