import { describe, expect, it } from "vitest";
import { readRecords } from "./records.ts";

const part = (bytes: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const record = (header: object, data: string) =>
  Buffer.concat([part(Buffer.from(JSON.stringify(header))), part(Buffer.from(data))]);

describe("readRecords", () => {
  it("gives headers and bytes in order", () => {
    const file = Buffer.concat([record({ at: 1 }, "one"), record({ at: 2 }, "")]);
    expect(readRecords<{ at: number }>(file).map(({ header, data }) => [header.at, String(data)])).toEqual([
      [1, "one"],
      [2, ""],
    ]);
  });

  it("leaves out a record that was being written when its process ended, wherever it broke", () => {
    const first = record({ at: 1 }, "one");
    const file = Buffer.concat([first, record({ at: 2 }, "two")]);
    for (let end = first.length; end < file.length; end++) {
      expect(readRecords(file.subarray(0, end))).toHaveLength(1);
    }
  });
});
