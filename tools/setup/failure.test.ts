import { expect, it } from "vitest";
import { explain, SetupFailure } from "./failure.ts";

it("tells a failure in its own words, and a folder that may not be written in one sentence", () => {
  expect(explain(new SetupFailure("offline", "No network: connect."))).toBe("No network: connect.");
  const denied = Object.assign(new Error("EACCES: permission denied"), {
    code: "EACCES",
    path: "/x/.local/stamps",
  });
  expect(explain(denied)).toBe(
    "/x/.local/stamps may not be written: make this folder yours, and run the command again.",
  );
  const fault = new Error("a fault of ours");
  expect(explain(fault)).toBe(fault);
});
