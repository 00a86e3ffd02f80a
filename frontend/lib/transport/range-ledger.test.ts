import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { RangeLedger } from "./range-ledger";

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};
const bytes = (...values: number[]) => Uint8Array.from(values);

it("has no range before the first chunk", () => {
  expect(new RangeLedger().ranges).toEqual([]);
});

it("hashes the payloads of one range end to end", () => {
  const ledger = new RangeLedger();
  ledger.delivered(0, 0, bytes(1, 2));
  ledger.delivered(0, 1, bytes(3));
  expect(ledger.ranges).toEqual([{ segment: 0, from: 0, bytes: 3, sha256: sha256(bytes(1, 2, 3)) }]);
});

it("begins another range with another segment", () => {
  const ledger = new RangeLedger();
  ledger.delivered(0, 0, bytes(1));
  ledger.delivered(2, 1, bytes(2));
  expect(ledger.ranges.map(({ segment, from }) => [segment, from])).toEqual([
    [0, 0],
    [2, 1],
  ]);
});

it("begins another range of the same segment where another backend process goes on", () => {
  const ledger = new RangeLedger();
  ledger.delivered(0, 0, bytes(1));
  ledger.breakRange();
  ledger.breakRange();
  ledger.delivered(0, 1, bytes(2));
  expect(ledger.ranges).toMatchObject([
    { segment: 0, from: 0, sha256: sha256(bytes(1)) },
    { segment: 0, from: 1, sha256: sha256(bytes(2)) },
  ]);
});

it("can be read while a range goes on, and goes on", () => {
  const ledger = new RangeLedger();
  ledger.delivered(0, 0, bytes(1));
  expect(ledger.ranges).toMatchObject([{ bytes: 1, sha256: sha256(bytes(1)) }]);
  ledger.delivered(0, 1, bytes(2));
  expect(ledger.ranges).toMatchObject([{ bytes: 2, sha256: sha256(bytes(1, 2)) }]);
});

it("has the hash of the whole however it is cut into chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 }), (payloads) => {
      const ledger = new RangeLedger();
      payloads.forEach((payload, seq) => {
        ledger.delivered(7, seq, payload);
      });
      expect(ledger.ranges[0]?.sha256).toBe(sha256(...payloads));
    }),
  );
});
