/** What the sender really writes, beside the messages of protocol/vectors.json. */
import { expect, it } from "vitest";
import vectors from "../../../../protocol/vectors.json" with { type: "json" };
import type { ClientMessage, SegmentDescription } from "../protocol/messages";
import { parseClientMessage } from "../protocol/testing/client-messages";
import { FakeClock } from "../testing/fake-clock";
import { StreamSender } from "./stream-sender";
import { FakeBackend } from "./testing/fake-backend";
import { FakeNetwork } from "./testing/fake-network";

const KINDS = ["hello", "segment", "gap", "muted", "ping", "end"] as const satisfies ClientMessage["type"][];
const fieldsOf = (message: object) => Object.keys(message);
const vectorsOf = (kind: ClientMessage["type"]) =>
  vectors.clientMessages
    .filter(({ read }) => read.type === kind)
    .map(({ text }) => JSON.parse(text) as object);

/** @returns every text of a stream that meets all that makes a client say something. */
function everythingSaid(): string[] {
  const time = new FakeClock();
  const backend = new FakeBackend(time.now);
  const network = new FakeNetwork(time, backend);
  const segments = vectorsOf("segment") as ({ segment: number; type: string } & SegmentDescription)[];
  let next = 0;
  const openSegment = () => {
    const {
      type: _,
      segment: __,
      ...description
    } = segments[next++ % segments.length] ?? segments[0] ?? fail();
    sender.openSegment(description);
  };
  const sender = new StreamSender({
    url: "wss://backend.test/ws/video",
    session: "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3",
    token: "s3cret",
    userAgent: "Mozilla/5.0",
    openSocket: network.openSocket,
    clock: time,
    random: () => 0.5,
    limits: {
      outbox: { maxBytes: 50_000_000, maxMs: 10_000 },
      stored: { maxBytes: 200_000_000, maxMs: 1_200_000 },
      skip: { maxBehindMs: 8_000, maxCatchUpMs: 20_000 },
      firstRetryTimeoutMs: 3_000,
    },
    onSegmentWanted: () => {
      sender.closeSegment();
      openSegment();
    },
    onGap: () => {},
    onStatus: () => {},
  });
  const record = (seconds: number) => {
    for (let nth = 0; nth < seconds * 10; nth++) {
      time.advanceSync(100);
      const capturedTo = time.now();
      sender.push({
        payload: new Uint8Array(2_000).fill(nth),
        capturedFrom: capturedTo - 100,
        capturedTo,
        keyFrame: true,
      });
    }
  };
  openSegment();
  sender.start();
  sender.setMuted(true);
  record(5);
  network.state = "refusing"; // for longer than the outbox holds
  network.cut();
  record(30);
  network.state = "healthy";
  record(10);
  sender.finish();
  time.advanceSync(60_000);
  expect(sender.status.delivery.kind).toBe("ended");
  expect(backend.complaints).toEqual([]);
  return backend.texts;
}

function fail(): never {
  throw new Error("The vectors have no segment.");
}

const said = everythingSaid();

it("says every kind of message that the vectors have", () => {
  expect(new Set(said.map((text) => parseClientMessage(text).type))).toEqual(new Set(KINDS));
});

it("says nothing that a backend of this version would skip", () => {
  for (const text of said) expect(parseClientMessage(text)).toEqual(JSON.parse(text));
});

it.each(KINDS)("writes the fields of %s that the vectors have, in their order", (kind) => {
  const orders = vectorsOf(kind).map(fieldsOf);
  for (const text of said) {
    const message = JSON.parse(text) as ClientMessage;
    if (message.type !== kind) continue;
    const fields = fieldsOf(message);
    // A vector may have more: fields that are absent here.
    expect(orders.map((order) => order.filter((name) => fields.includes(name)))).toContainEqual(fields);
  }
});

it("writes segments, first pings and mutes as the vectors do, to the letter", () => {
  const numbered = (text: string) => text.replace(/"segment":\d+/, '"segment":N').replace(/"t":\d+/, '"t":N');
  const written = new Set(said.map(numbered));
  const literal = vectors.clientMessages.filter(
    ({ name, read }) => read.type === "segment" || name === "first ping" || name === "muted",
  );
  expect(literal).toHaveLength(4);
  for (const { text } of literal) expect(written).toContain(numbered(text));
});
