import { expect, it } from "vitest";
import { notInstalled } from "./apt.ts";

it("asks for the packages that are not wholly installed", () => {
  const status = [
    "ii  gcc",
    "rc  xvfb",
    "un  chromium",
    "dpkg-query: no packages found matching webkit2gtk-driver",
  ].join("\n");
  expect(notInstalled(["gcc", "xvfb", "chromium", "webkit2gtk-driver"], status)).toEqual([
    "xvfb",
    "chromium",
    "webkit2gtk-driver",
  ]);
});
