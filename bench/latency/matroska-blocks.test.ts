import { expect, it } from "vitest";
import { findBlocks } from "./matroska-blocks.ts";

const UNKNOWN_SIZE = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const element = (id: readonly number[], body: readonly number[]) => [...id, 0x80 + body.length, ...body];
const track = (number: number, type: number) =>
  element([0xae], [...element([0xd7], [number]), ...element([0x83], [type])]);
const simpleBlock = (number: number) => element([0xa3], [0x80 + number, 0, 0, 0, 1, 2, 3]);
const head = [
  ...[0x18, 0x53, 0x80, 0x67, ...UNKNOWN_SIZE],
  ...element([0x16, 0x54, 0xae, 0x6b], [...track(1, 2), ...track(2, 1)]),
  ...[0x1f, 0x43, 0xb6, 0x75, ...UNKNOWN_SIZE],
];

it("says of each block where it ends and what its track is, and leaves out one that is cut off", () => {
  const file = [...head, ...simpleBlock(2), ...simpleBlock(1), ...simpleBlock(2)];
  const length = simpleBlock(1).length;
  expect(findBlocks(Buffer.from(file.slice(0, -1)))).toEqual([
    { kind: "video", end: head.length + length },
    { kind: "audio", end: head.length + 2 * length },
  ]);
});
