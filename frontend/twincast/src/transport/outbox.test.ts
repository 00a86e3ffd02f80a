import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { EncodedChunk } from "../model/media";
import { decodeChunk, HEADER_BYTES, SAFE_CHUNK_BYTES } from "../protocol/frames";
import { type ChunkEntry, gapOf, Outbox, type OutboxEntry, type OutboxLimits, payloadOf } from "./outbox";

const ROOMY: OutboxLimits = { maxBytes: 10_000_000, maxMs: 600_000 };
const DESCRIPTION = { mimeType: "video/webm", startedAt: 0 };
const CHUNK_MS = 100;
const T0 = 1_000_000;

/** The `index`th tenth of a second of a recording. */
function media(index: number, bytes = 1_000): EncodedChunk {
  const capturedFrom = T0 + index * CHUNK_MS + heldMs;
  const payload = new Uint8Array(bytes).fill(index % 251);
  return { payload, capturedFrom, capturedTo: capturedFrom + CHUNK_MS, keyFrame: index === 0 };
}

let outbox: Outbox;

function begin(limits = ROOMY): void {
  outbox = new Outbox(limits);
  outbox.openSegment(DESCRIPTION);
}

/** How long nothing is captured from here on: a picture of one frame a second, and a device that was away. */
let heldMs = 0;

/** Pushes the next `count` chunks. */
let pushed = 0;
function push(count: number, bytes?: number): void {
  for (let i = 0; i < count; i++) {
    outbox.push(media(pushed, bytes), T0 + (pushed + 1) * CHUNK_MS);
    pushed++;
  }
}

/** Sends what goes out next, at most `count`. @returns it. */
function send(count = Number.POSITIVE_INFINITY): OutboxEntry[] {
  const sent: OutboxEntry[] = [];
  for (let entry = outbox.peek(); entry && sent.length < count; entry = outbox.peek()) {
    outbox.markSent(T0);
    sent.push(entry);
  }
  return sent;
}

const seqs = (entries: readonly OutboxEntry[]) => entries.map(({ from }) => from);

beforeEach(() => {
  pushed = 0;
  heldMs = 0;
  begin();
});

/** Of a chunk that lies in memory. */
function messageOf({ message }: ChunkEntry): Uint8Array<ArrayBuffer> {
  if (!message) throw new Error("It lies in a journal.");
  return message;
}

describe("numbering", () => {
  it("numbers chunks from 0 across segments and never again", () => {
    push(2);
    outbox.closeSegment(T0);
    outbox.openSegment(DESCRIPTION);
    push(2);
    expect(seqs(send())).toEqual([0, 1, 2, 3, 4]);
  });

  it("marks the first and the last chunk of a segment, and writes the times of its media", () => {
    push(2);
    outbox.closeSegment(T0);
    const headers = send().map((entry) => entry.kind === "chunk" && decodeChunk(messageOf(entry)).header);
    expect(headers).toMatchObject([
      { first: true, last: false, keyFrame: true, capturedFrom: T0, capturedTo: T0 + CHUNK_MS },
      { first: false, last: false, keyFrame: false },
      { first: false, last: true, capturedFrom: T0 + 2 * CHUNK_MS, capturedTo: T0 + 2 * CHUNK_MS },
    ]);
  });

  it("leaves no trace of a segment without a chunk", () => {
    outbox.closeSegment(T0);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.lastSeq).toBe(-1);
  });

  it("splits what is larger than every backend takes, and shares its time out by bytes", () => {
    push(1, 2.5 * SAFE_CHUNK_BYTES);
    const parts = send().flatMap((entry) => (entry.kind === "chunk" ? [entry] : []));
    expect(parts.map((part) => payloadOf(messageOf(part)).byteLength)).toEqual([
      SAFE_CHUNK_BYTES,
      SAFE_CHUNK_BYTES,
      SAFE_CHUNK_BYTES / 2,
    ]);
    expect(parts.map(({ capturedTo, capturedFrom }) => capturedTo - capturedFrom)).toEqual([40, 40, 20]);
    expect(parts.map((part) => decodeChunk(messageOf(part)).header.first)).toEqual([true, false, false]);
  });

  it("takes no chunk before its segment", () => {
    expect(() => new Outbox(ROOMY).push(media(0), T0)).toThrow("before its segment");
  });
});

describe("sending", () => {
  it("gives out in order and keeps until the acknowledgement", () => {
    push(3);
    expect(seqs(send())).toEqual([0, 1, 2]);
    expect(outbox.keptChunks).toBe(3);
    expect(seqs(outbox.acknowledge(1))).toEqual([0, 1]);
    expect(outbox.resumeFrom).toBe(2);
    expect(outbox.keptBytes).toBe(1_000 + HEADER_BYTES);
    expect(outbox.inFlightBytes).toBe(1_000 + HEADER_BYTES);
  });

  it("gives out again, after a cut, what is not acknowledged", () => {
    push(4);
    send(3);
    outbox.acknowledge(0);
    outbox.rewind();
    expect(outbox.inFlightBytes).toBe(0);
    expect(seqs(send())).toEqual([1, 2, 3]);
  });

  it("is not shaken by an acknowledgement that comes again or too early", () => {
    push(3);
    send(2);
    outbox.acknowledge(1);
    expect(outbox.acknowledge(0)).toEqual([]);
    expect(seqs(outbox.acknowledge(7))).toEqual([2]);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.inFlightBytes).toBe(0);
  });

  it("describes every segment that still has a chunk, and forgets the others", () => {
    push(1);
    outbox.closeSegment(T0);
    outbox.openSegment({ ...DESCRIPTION, startedAt: 1 });
    push(1);
    expect(outbox.describe(0)).toEqual(DESCRIPTION);
    outbox.acknowledge(1);
    expect(outbox.describe(0)).toBeUndefined();
    expect(outbox.describe(1)).toMatchObject({ startedAt: 1 });
  });

  it("tells when the oldest chunk was pushed, sent, and never sent", () => {
    expect([outbox.oldestPushedAt, outbox.oldestInFlightSentAt, outbox.oldestUnsentPushedAt]).toEqual([
      null,
      null,
      null,
    ]);
    push(2);
    outbox.peek();
    outbox.markSent(T0 + 5);
    expect(outbox.oldestPushedAt).toBe(T0 + CHUNK_MS);
    expect(outbox.oldestInFlightSentAt).toBe(T0 + 5);
    expect(outbox.oldestUnsentPushedAt).toBe(T0 + 2 * CHUNK_MS);
  });

  it("does not mark as sent what nobody looked at", () => {
    expect(() => outbox.markSent(T0)).toThrow("Nothing was peeked");
  });
});

describe("giving up", () => {
  it("gives up what was never sent and keeps what the backend may have", () => {
    push(5);
    send(2);
    outbox.skip("too-far-behind", T0);
    expect(outbox.pendingGaps).toEqual([{ from: 2, to: 4, ms: 300, reason: "too-far-behind" }]);
    outbox.rewind();
    expect(seqs(send())).toEqual([0, 1]);
  });

  it("lets the gap grow with what its segment still brings, and tells it when the next one opens", () => {
    push(3);
    outbox.skip("too-far-behind", T0);
    expect(outbox.needsSegment).toBe(true);
    push(2);
    expect(outbox.peek()).toBeUndefined();
    outbox.closeSegment(T0);
    expect(outbox.peek()).toBeUndefined();
    outbox.openSegment(DESCRIPTION);
    expect(outbox.needsSegment).toBe(false);
    expect(outbox.peek()).toBeUndefined();
    push(1);
    expect(send()).toMatchObject([
      { kind: "gap", from: 0, to: 4 },
      { kind: "chunk", from: 5, segment: 1 },
    ]);
    expect(outbox.pendingGaps).toMatchObject([{ ms: 500 }]);
  });

  it("tells of a gap that nothing comes after when the recording has ended", () => {
    push(1);
    send();
    outbox.acknowledge(0);
    push(2);
    outbox.skip("too-far-behind", T0);
    outbox.closeSegment(T0);
    expect(send()).toEqual([]);
    // It is nothing that waits for a path.
    expect([outbox.oldestPushedAt, outbox.oldestMs]).toEqual([null, 0]);
    outbox.end();
    expect(send()).toMatchObject([{ kind: "gap", from: 1, to: 2 }]);
    expect(outbox.pendingGaps).toMatchObject([{ ms: 200 }]);
  });

  it("is refused in flight without a trace of it in what is on its way", () => {
    push(2);
    send();
    outbox.refuse(0, T0);
    expect(outbox.oldestInFlightSentAt).toBeNull();
    expect(outbox.inFlightBytes).toBe(0);
  });

  it("makes one gap of two that touch", () => {
    push(2);
    outbox.skip("outbox-full", T0);
    outbox.openSegment(DESCRIPTION);
    push(2);
    outbox.skip("too-far-behind", T0);
    expect(outbox.pendingGaps).toEqual([{ from: 0, to: 3, ms: 400, reason: "outbox-full" }]);
  });

  it("skips nothing when everything was sent", () => {
    push(2);
    send();
    outbox.skip("too-far-behind", T0);
    expect(outbox.pendingGaps).toEqual([]);
    expect(outbox.needsSegment).toBe(false);
  });

  it("never keeps more bytes than it may", () => {
    begin({ maxBytes: 5_000, maxMs: 600_000 });
    for (let i = 0; i < 50; i++) {
      push(1);
      expect(outbox.keptBytes).toBeLessThanOrEqual(5_000);
      if (outbox.needsSegment) outbox.openSegment(DESCRIPTION);
    }
    expect(outbox.pendingGaps).toMatchObject([{ from: 0, reason: "outbox-full" }]);
  });

  it("keeps the newest media again after it gave up the older, however old what was sent may be", () => {
    begin({ maxBytes: 10_000_000, maxMs: 1_000 });
    push(1);
    send();
    push(10);
    expect(outbox.pendingGaps).toMatchObject([{ from: 1, to: 10, ms: 1_000 }]);
    outbox.openSegment(DESCRIPTION);
    push(5);
    expect(outbox.pendingGaps).toMatchObject([{ from: 1, to: 10 }]);
    expect(outbox.keptMs).toBe(600);
  });

  /** Five chunks of a segment, then the next one. */
  function pushSegments(count: number): void {
    for (let i = 0; i < count; i++) {
      push(5);
      outbox.closeSegment(T0);
      outbox.openSegment(DESCRIPTION);
    }
  }

  it("gives up the oldest segment alone, and the next one with it in one gap, when it may keep no more", () => {
    begin({ maxBytes: 10_000_000, maxMs: 2_000 });
    pushSegments(4);
    push(1);
    expect(outbox.pendingGaps).toEqual([{ from: 0, to: 5, ms: 500, reason: "outbox-full" }]);
    expect(outbox.needsSegment).toBe(false);
    push(4);
    expect(outbox.pendingGaps).toMatchObject([{ from: 0, to: 5, ms: 500 }]);
    push(1);
    expect(outbox.pendingGaps).toMatchObject([{ from: 0, to: 11, ms: 1_000 }]);
    expect(send().at(1)).toMatchObject({ kind: "chunk", from: 12, segment: 2 });
  });

  it("keeps of the oldest segment what the backend may have, and gives up its rest", () => {
    begin({ maxBytes: 10_000_000, maxMs: 2_000 });
    push(3);
    send();
    push(2);
    outbox.closeSegment(T0);
    outbox.openSegment(DESCRIPTION);
    pushSegments(3);
    push(1);
    outbox.rewind();
    expect(
      send()
        .slice(0, 5)
        .map(({ kind, from, to }) => [kind, from, to]),
    ).toEqual([
      ["chunk", 0, 0],
      ["chunk", 1, 1],
      ["chunk", 2, 2],
      ["gap", 3, 5],
      ["chunk", 6, 6],
    ]);
  });

  it("begins another gap beside one that the backend was told of", () => {
    begin({ maxBytes: 10_000_000, maxMs: 1_000 });
    pushSegments(2);
    push(1);
    send(1);
    outbox.rewind();
    push(5);
    expect(outbox.pendingGaps).toMatchObject([
      { from: 0, to: 5, ms: 500 },
      { from: 6, to: 11, ms: 500 },
    ]);
  });

  it("tells how much of the open segment was never sent", () => {
    push(3);
    send(1);
    expect(outbox.openSegmentUnsentMs).toBe(2 * CHUNK_MS);
    outbox.closeSegment(T0);
    expect(outbox.openSegmentUnsentMs).toBe(0);
    outbox.openSegment(DESCRIPTION);
    push(1);
    expect(outbox.openSegmentUnsentMs).toBe(CHUNK_MS);
  });

  it("gives up a refused chunk with the rest of its segment, and leaves the segments around it", () => {
    push(2);
    outbox.closeSegment(T0);
    outbox.openSegment(DESCRIPTION);
    push(3);
    outbox.closeSegment(T0);
    outbox.openSegment(DESCRIPTION);
    push(1);
    send();
    outbox.refuse(4, T0);
    outbox.rewind();
    expect(send().map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ["chunk", 0, 0],
      ["chunk", 1, 1],
      ["chunk", 2, 2],
      ["chunk", 3, 3],
      ["gap", 4, 6],
      ["chunk", 7, 7],
    ]);
    expect(outbox.needsSegment).toBe(false);
  });

  it("needs another segment when the refused chunk's is the open one", () => {
    push(2);
    outbox.refuse(1, T0);
    expect(outbox.needsSegment).toBe(true);
  });

  it("takes a refusal of what it does not keep for nothing", () => {
    push(1);
    outbox.refuse(9, T0);
    expect(outbox.pendingGaps).toEqual([]);
  });
});

describe("for any order of pushes, sends, acknowledgements, cuts, skips and refusals", () => {
  type Step =
    | { kind: "push"; bytes: number }
    | { kind: "send" | "ack" | "refuse"; count: number }
    | { kind: "cut" | "skip" | "close" }
    | { kind: "hold"; ms: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("push" as const), bytes: fc.nat(90_000) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom("send" as const, "ack" as const, "refuse" as const),
        count: fc.nat(6),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("cut" as const, "skip" as const, "close" as const) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("hold" as const), ms: fc.nat(2_000) }) },
  );
  const limits: OutboxLimits = { maxBytes: 400_000, maxMs: 3_000 };

  /** What a lost outbox had: nothing, what never arrived, or what arrived in part. */
  const lost = fc.option(
    fc.record({ numbered: fc.nat(4), arrived: fc.nat(4), hasEarlier: fc.boolean(), isEarly: fc.boolean() }),
    { nil: null },
  );

  it("gives out every seq in a chunk or in exactly one gap, as long as its hole, and counts what it keeps", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), lost, (steps, former) => {
        pushed = 0;
        heldMs = 0;
        begin(limits);
        /** Of the newest media before what is given out here; null where there is none. */
        let before: number | null = null;
        let settle = () => {};
        if (former) {
          const earlier = former.hasEarlier ? 3 : 0;
          const arrived = Math.min(former.arrived, former.numbered);
          const at = (chunks: number) => T0 + chunks * CHUNK_MS;
          outbox = new Outbox(limits, {
            from: earlier,
            to: earlier + Math.max(0, former.numbered - 1),
            capturedFrom: former.numbered > 0 || earlier > 0 ? at(earlier) : null,
            capturedTo: former.numbered > 0 || earlier > 0 ? at(earlier + former.numbered) : null,
            nextSegment: 1,
          });
          const arrivedTo = earlier + arrived > 0 ? at(earlier + arrived) : null;
          before = arrivedTo ?? (former.numbered > 0 ? at(0) : null);
          pushed = earlier + former.numbered;
          settle = () => outbox.settleLost(earlier + arrived, arrivedTo);
          if (former.isEarly) settle();
          outbox.openSegment(DESCRIPTION);
        }
        let isSettled = !former || former.isEarly;
        const first = former ? (former.hasEarlier ? 3 : 0) + Math.min(former.arrived, former.numbered) : 0;
        let isOpen = true;
        /** As the backend sees it: what it has acknowledged. */
        const taken: OutboxEntry[] = [];
        let sent: OutboxEntry[] = [];
        const acknowledge = (count: number) => {
          const last = sent.splice(0, count).at(-1);
          if (last) taken.push(...outbox.acknowledge(last.to));
        };
        for (const action of steps) {
          if (!isOpen || outbox.needsSegment) {
            outbox.openSegment(DESCRIPTION);
            isOpen = true;
          }
          switch (action.kind) {
            case "push":
              push(1, action.bytes);
              break;
            case "hold":
              heldMs += action.ms;
              break;
            case "send":
              if (!isSettled) settle();
              isSettled = true;
              sent.push(...send(action.count));
              break;
            case "ack":
              acknowledge(action.count);
              break;
            case "refuse":
              outbox.refuse(outbox.resumeFrom + action.count, T0);
              sent = [];
              outbox.rewind();
              break;
            case "cut":
              sent = [];
              outbox.rewind();
              break;
            case "skip":
              outbox.skip("too-far-behind", T0);
              break;
            case "close":
              outbox.closeSegment(T0);
              isOpen = false;
              break;
          }
          expect(outbox.keptBytes).toBeLessThanOrEqual(limits.maxBytes);
          expect(outbox.keptMs).toBeGreaterThanOrEqual(0);
        }
        outbox.closeSegment(T0);
        outbox.end();
        if (!isSettled) settle();
        sent.push(...send());
        acknowledge(sent.length);

        expect(outbox.isEmpty).toBe(true);
        expect([outbox.keptBytes, outbox.inFlightBytes, outbox.keptMs]).toEqual([0, 0, 0]);
        let next = first;
        for (const { from, to } of taken) {
          expect(from).toBe(next);
          next = to + 1;
        }
        expect(next - 1).toBe(outbox.lastSeq);
        // Of gaps that touch, the sum; of one at the end, what it held.
        let gapMs: number | null = null;
        for (const entry of taken) {
          if (entry.kind === "gap") {
            gapMs = (gapMs ?? 0) + gapOf(entry).ms;
            before ??= entry.capturedFrom;
            continue;
          }
          if (gapMs !== null)
            expect(gapMs).toBeCloseTo(entry.capturedFrom - (before ?? entry.capturedFrom), 3);
          gapMs = null;
          before = entry.capturedTo;
        }
        // What comes after a gap begins a segment, so that it decodes.
        taken.forEach((entry, index) => {
          if (entry.kind === "chunk" && taken[index - 1]?.kind === "gap") {
            expect(decodeChunk(messageOf(entry)).header.first).toBe(true);
          }
        });
      }),
      { numRuns: 500 },
    );
  });
});
