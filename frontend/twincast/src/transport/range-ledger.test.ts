import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import vectors from "../../../../protocol/vectors.json" with { type: "json" };
import { RangeLedger } from "./range-ledger";

const chainOf = (...payloads: Uint8Array[]) => {
  let link = Buffer.alloc(32);
  for (const payload of payloads) link = createHash("sha256").update(link).update(payload).digest();
  return link.toString("hex");
};
const bytes = (...values: number[]) => Uint8Array.from(values);

it("has no range before the first chunk", () => {
  expect(new RangeLedger().ranges).toEqual([]);
});

it("chains the payloads of one range", () => {
  const ledger = new RangeLedger();
  ledger.delivered(0, 0, bytes(1, 2));
  ledger.delivered(0, 1, bytes(3));
  expect(ledger.ranges).toEqual([{ segment: 0, from: 0, bytes: 3, chain: chainOf(bytes(1, 2), bytes(3)) }]);
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
    { segment: 0, from: 0, chain: chainOf(bytes(1)) },
    { segment: 0, from: 1, chain: chainOf(bytes(2)) },
  ]);
});

it("can be read while a range goes on, and goes on", () => {
  const ledger = new RangeLedger();
  ledger.delivered(0, 0, bytes(1));
  expect(ledger.ranges).toMatchObject([{ bytes: 1, chain: chainOf(bytes(1)) }]);
  ledger.delivered(0, 1, bytes(2));
  expect(ledger.ranges).toMatchObject([{ bytes: 2, chain: chainOf(bytes(1), bytes(2)) }]);
});

it.each(vectors.chains)("chains as the vectors say: $name", ({ payloads, chain }) => {
  const ledger = new RangeLedger();
  payloads.forEach((payload, seq) => {
    ledger.delivered(7, seq, Uint8Array.from(Buffer.from(payload, "hex")));
  });
  expect(ledger.ranges.map((range) => range.chain)).toEqual([chain]);
});

describe("chunks of a lost sender that arrived after all", () => {
  const NONE = chainOf();
  const former = () => {
    const ledger = new RangeLedger();
    ledger.delivered(0, 0, bytes(1));
    return ledger.ranges;
  };

  it("leave a range that may be shorter, where they went on with it", () => {
    const ledger = new RangeLedger(former());
    ledger.arrivedUnhashed([{ segment: 0, firstSeq: 1 }], true);
    expect(ledger.ranges).toEqual([
      { segment: 0, from: 0, bytes: 1, chain: chainOf(bytes(1)), maybeShorter: true },
    ]);
  });

  it("leave a range of their own where they began one", () => {
    const ledger = new RangeLedger(former());
    const chunks = [
      { segment: 0, firstSeq: 1 },
      { segment: 0, firstSeq: 2 },
      { segment: null, firstSeq: 3 },
      { segment: 1, firstSeq: 4 },
      { segment: 1, firstSeq: 6 },
    ];
    ledger.arrivedUnhashed(chunks, false);
    expect(ledger.ranges).toEqual([
      { segment: 0, from: 0, bytes: 1, chain: chainOf(bytes(1)) },
      { segment: 0, from: 1, bytes: 0, chain: NONE, maybeShorter: true },
      { segment: 1, from: 4, bytes: 0, chain: NONE, maybeShorter: true },
    ]);
  });

  it("leave no trace where there are none", () => {
    const ledger = new RangeLedger(former());
    ledger.arrivedUnhashed([], true);
    expect(ledger.ranges).toEqual(former());
  });
});
