import { describe, expect, it, vi } from "vitest";
import { type ChooseOptions, chooseEncoder } from "./choose";

const works = vi.fn(
  async () => ({ kind: "works", choice: "opus", reason: "A probe encoded opus in 5 ms." }) as const,
);
const fails = vi.fn(async () => ({ kind: "fails", reason: "AudioEncoder is not defined" }) as const);

const choose = (options: Partial<ChooseOptions<"opus">>) =>
  chooseEncoder<"opus">({ kind: "audio", tier: "auto", hasMediaRecorder: true, probe: works, ...options });

describe("the choice of an encoder", () => {
  it("is WebCodecs where a probe encoded, and says so", async () => {
    expect(await choose({})).toEqual({
      name: "webcodecs",
      choice: "opus",
      reason: "A probe encoded opus in 5 ms.",
    });
  });

  it("is MediaRecorder where none did, and says why", async () => {
    expect(await choose({ probe: fails })).toEqual({
      name: "media-recorder",
      reason: "WebCodecs cannot encode audio here: AudioEncoder is not defined.",
    });
  });

  it("is MediaRecorder also when the probe itself breaks", async () => {
    const probe = () => Promise.reject(new TypeError("the worker is gone"));
    expect(await choose({ probe })).toMatchObject({ name: "media-recorder" });
  });

  it("is the forced one, without a probe where none is needed", async () => {
    works.mockClear();
    expect(await choose({ tier: "media-recorder" })).toMatchObject({ name: "media-recorder" });
    expect(works).not.toHaveBeenCalled();
    expect(await choose({ tier: "webcodecs" })).toMatchObject({ name: "webcodecs" });
  });

  it.each([
    ["nothing is there", { probe: fails, hasMediaRecorder: false }],
    ["WebCodecs was asked for and does not encode", { tier: "webcodecs", probe: fails }],
    ["MediaRecorder was asked for and is not there", { tier: "media-recorder", hasMediaRecorder: false }],
  ] as const)("is an error with a sentence when %s", async (_case, options) => {
    await expect(choose(options)).rejects.toMatchObject({
      code: "unsupported",
      kind: "audio",
      name: "EncoderError",
    });
  });
});
