import type { StreamKind } from "../model/stream";
import { EncoderError } from "./encode/encoder";
import type { Probed } from "./probe";

/** `auto`, or one of the two ways by force: for tests, and for people who look for a fault. */
export type Tier = "auto" | "webcodecs" | "media-recorder";

export type EncoderChoice<Choice> =
  | { readonly name: "webcodecs"; readonly choice: Choice; readonly reason: string }
  | { readonly name: "media-recorder"; readonly reason: string };

export interface ChooseOptions<Choice> {
  readonly kind: StreamKind;
  readonly tier: Tier;
  /** `browserRecorderEngine() !== undefined`. */
  readonly hasMediaRecorder: boolean;
  /** Runs `probeVideo` or `probeAudio` where the encoder will run. A rejection counts as a failure. */
  readonly probe: () => Promise<Probed<Choice>>;
}

/**
 * Chooses one stream's encoder by what a probe really encoded. Each stream chooses for itself: an engine may well
 * encode video frame by frame and not sound.
 *
 * @returns the choice and a sentence that says why, for the details panel and for the backend's log.
 * @throws EncoderError `unsupported` when there is nothing to choose from.
 */
export async function chooseEncoder<Choice>(options: ChooseOptions<Choice>): Promise<EncoderChoice<Choice>> {
  const { kind, tier, hasMediaRecorder } = options;
  if (tier === "media-recorder") {
    if (!hasMediaRecorder)
      throw new EncoderError(kind, "unsupported", "media-recorder was asked for and is not there");
    return { name: "media-recorder", reason: "It was asked for." };
  }
  const probed = await options
    .probe()
    .catch((cause): Probed<Choice> => ({ kind: "fails", reason: String(cause) }));
  switch (probed.kind) {
    case "works":
      return { name: "webcodecs", choice: probed.choice, reason: probed.reason };
    case "fails":
      if (tier === "webcodecs" || !hasMediaRecorder)
        throw new EncoderError(kind, "unsupported", probed.reason);
      return { name: "media-recorder", reason: `WebCodecs cannot encode ${kind} here: ${probed.reason}.` };
  }
}
