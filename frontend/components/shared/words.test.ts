import type { Quality } from "twincast";
import { expect, it } from "vitest";
import { qualityReason } from "./words";

it.each<[Quality["level"], Quality["cause"], string]>([
  ["excellent", { kind: "round-trip", ms: 40.4 }, "40 ms round trip"],
  ["poor", { kind: "round-trip", ms: 600 }, "slow path, 600 ms round trip"],
  ["good", { kind: "behind", behindMs: 1_500 }, "uplink slow, 1.5 s behind"],
  ["poor", { kind: "behind", behindMs: 4_000 }, "uplink too slow, 4.0 s behind"],
  ["good", { kind: "measuring" }, "measuring"],
  ["good", { kind: "fewer-frames" }, "sending fewer pictures a second: slow connection"],
  ["poor", { kind: "smaller-picture" }, "sending a smaller picture: slow connection"],
  ["lost", { kind: "offline" }, "this device is offline"],
  ["lost", { kind: "no-connection", keptMs: 2_500 }, "no connection, 2.5 s kept on this device"],
  ["lost", { kind: "failed", code: "wrong-origin", message: "not on the list" }, "not on the list"],
  ["lost", { kind: "failed", code: "wrong-origin", message: "" }, "wrong-origin"],
])("says of %s by %o what was measured", (level, cause, words) => {
  expect(qualityReason({ level, cause })).toBe(words);
});
