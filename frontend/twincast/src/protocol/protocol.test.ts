import { describe, expect, it } from "vitest";
import vectors from "../../../../protocol/vectors.json" with { type: "json" };
import { closeReaction, fatalCodeName } from "./close-codes";
import { type ChunkHeader, decodeChunk, encodeChunk, ProtocolError, SUBPROTOCOL } from "./frames";
import { parseBackendMessage } from "./messages";
import { parseClientMessage } from "./testing/client-messages";

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hex = (data: Uint8Array) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

it("speaks the sub-protocol of the vectors", () => {
  expect(SUBPROTOCOL).toBe(vectors.subprotocol);
});

describe("a chunk", () => {
  it.each(vectors.chunks)("is read as the vectors say: $name", ({ hex: message, chunk }) => {
    const { payloadHex, ...header } = chunk;
    const read = decodeChunk(bytes(message));
    expect(read.header).toEqual(header);
    expect(hex(read.payload)).toBe(payloadHex);
  });

  it.each(vectors.chunks)("is written as the vectors say: $name", ({ hex: message, chunk }) => {
    const { payloadHex, ...header } = chunk;
    expect(hex(encodeChunk(header satisfies ChunkHeader, bytes(payloadHex)))).toBe(message);
  });

  it.each(vectors.badChunks)("is refused: $name", ({ hex: message }) => {
    expect(() => decodeChunk(bytes(message))).toThrow(ProtocolError);
  });

  it("is read from the middle of a larger buffer", () => {
    const [vector] = vectors.chunks;
    const message = bytes(`ffff${vector?.hex}`);
    expect(decodeChunk(message.subarray(2)).header.segment).toBe(vector?.chunk.segment);
  });
});

describe("a client's message", () => {
  it.each(vectors.clientMessages)("is judged as the vectors say: $name", ({ text, read }) => {
    expect(parseClientMessage(text)).toEqual(read);
  });

  it.each(vectors.badClientMessages)("is refused: $name", ({ text }) => {
    expect(() => parseClientMessage(text)).toThrow(ProtocolError);
  });
});

describe("a backend's message", () => {
  it.each(vectors.backendMessages)("is read as the vectors say: $name", ({ text, read }) => {
    expect(parseBackendMessage(text)).toEqual(read);
  });

  it.each(vectors.badBackendMessages)("is refused: $name", ({ text }) => {
    expect(() => parseBackendMessage(text)).toThrow(ProtocolError);
  });
});

describe("a close code", () => {
  const inUse = vectors.closeCodes.filter(({ client }) => client !== "stay-closed");

  it.each(inUse)("$code leads to what the vectors say: $client", ({ code, name, client }) => {
    expect(closeReaction(code)).toBe(client);
    expect(fatalCodeName(code)).toBe(client === "give-up" ? name : undefined);
  });

  it("that is in no table is worth another try", () => {
    const known = new Set(vectors.closeCodes.map(({ code }) => code));
    for (let code = 1_000; code < 5_000; code++) {
      if (!known.has(code)) expect(closeReaction(code), String(code)).toBe("retry");
    }
  });
});
