/**
 * Reads a client's text messages as a backend does, for tests: vectors.json judges it, and the fakes judge by it what
 * the client really sends.
 */
import {
  array,
  boolean,
  check,
  finite,
  type GenericSchema,
  integer,
  literal,
  maxLength,
  maxValue,
  minLength,
  minValue,
  nullish,
  number,
  object,
  picklist,
  pipe,
  regex,
  safeParse,
  string,
  uuid,
  variant,
} from "valibot";
import { ProtocolError } from "../frames";
import type { ClientMessage } from "../messages";

const MAX_DEPTH = 8;
const MAX_RANGES = 4_096;
const LATEST_MS = 8.64e15;

const whole = (low: number, high: number) => pipe(number(), integer(), minValue(low), maxValue(high));
const between = (low: number, high: number) => pipe(number(), finite(), minValue(low), maxValue(high));
const seq = whole(0, 2 ** 32 - 1);
const segmentNumber = whole(0, 2 ** 16 - 1);
const size = whole(0, Number.MAX_SAFE_INTEGER);
const time = between(0, LATEST_MS);
const offset = between(-LATEST_MS, LATEST_MS);
const measure = between(0, 1e9);
const text = pipe(string(), maxLength(2_000), regex(/^(?:[^\p{C}\p{Z}]| )*$/u));

const schema = variant("type", [
  object({
    type: literal("hello"),
    session: pipe(string(), uuid(), regex(/^[^A-Z]*$/)),
    resumeFrom: whole(0, 2 ** 32),
    connection: nullish(size),
    token: nullish(text),
    client: nullish(object({ userAgent: nullish(text) })),
  }),
  object({
    type: literal("segment"),
    segment: segmentNumber,
    mimeType: pipe(text, minLength(1)),
    startedAt: time,
    encoder: nullish(object({ name: picklist(["media-recorder", "webcodecs"]), reason: text })),
    codecs: nullish(text),
    width: nullish(size),
    height: nullish(size),
    frameRate: nullish(measure),
    facing: nullish(picklist(["user", "environment"])),
    orientation: nullish(between(-360, 360)),
    sampleRate: nullish(measure),
    channels: nullish(size),
  }),
  pipe(
    object({
      type: literal("gap"),
      from: seq,
      to: seq,
      ms: time,
      reason: picklist(["outbox-full", "too-far-behind", "too-large", "worker-lost"]),
    }),
    check(({ from, to }) => from <= to),
  ),
  object({ type: literal("muted"), muted: boolean() }),
  object({ type: literal("ping"), t: offset, offsetMs: nullish(offset), rttMs: nullish(time) }),
  object({
    type: literal("end"),
    lastSeq: whole(-1, 2 ** 32 - 1),
    segments: pipe(
      array(
        object({
          segment: segmentNumber,
          from: seq,
          bytes: size,
          chain: pipe(string(), regex(/^[0-9a-f]{64}$/)),
          maybeShorter: nullish(boolean()),
        }),
      ),
      maxLength(MAX_RANGES),
    ),
  }),
]) satisfies GenericSchema;

/**
 * @returns the message; fields that were null are left out, and so are fields that no client of today sends.
 * @throws ProtocolError when a backend would refuse it with `bad-message`.
 */
export function parseClientMessage(message: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(message, (_, field) => field ?? undefined);
  } catch {
    throw new ProtocolError("The client sent text that is not JSON.");
  }
  if (depthOf(value) > MAX_DEPTH)
    throw new ProtocolError("The client sent a message that is nested too deep.");
  const result = safeParse(schema, value);
  if (result.success) return result.output as ClientMessage;
  const { message: problem, path } = result.issues[0];
  throw new ProtocolError(`${path?.map(({ key }) => String(key)).join(".") ?? "The message"}: ${problem}`);
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
