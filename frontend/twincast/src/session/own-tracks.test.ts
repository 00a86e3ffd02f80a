import { expect, it, vi } from "vitest";
import { FakeTrack } from "../capture/testing/fake-media";
import type { DeviceAccess } from "./device-access";
import { ownTracksAccess } from "./own-tracks";

vi.stubGlobal(
  "MediaStream",
  class {
    readonly #tracks: readonly MediaStreamTrack[];
    constructor(tracks: readonly MediaStreamTrack[]) {
      this.#tracks = tracks;
    }
    getTracks() {
      return this.#tracks;
    }
  },
);

/** Of a browser that is not to be asked for anything. */
const BROWSER = {
  acquire: () => Promise.reject(new Error("asked")),
  open: () => Promise.reject(new Error("asked")),
  flip: () => Promise.reject(new Error("asked")),
} as unknown as DeviceAccess;

function own(kind: "video" | "audio"): FakeTrack {
  return Object.assign(new FakeTrack(kind, "canvas"), { clone: () => new FakeTrack(kind, "clone") });
}

it("streams clones of the page's tracks, asks the browser for nothing, and leaves the tracks alone", async () => {
  const [video, audio] = [own("video"), own("audio")];
  const access = ownTracksAccess({ video: video.asTrack, audio: audio.asTrack }, BROWSER);
  const result = await access.acquire({});
  if (result.kind !== "granted") throw new Error(result.kind);
  expect(result.missing).toBeUndefined();
  for (const track of result.stream.getTracks()) track.stop();
  expect([video.readyState, audio.readyState]).toEqual(["live", "live"]);
});

it("goes on without the kind that the page has no track of", async () => {
  const access = ownTracksAccess({ video: own("video").asTrack }, BROWSER);
  expect(await access.acquire({})).toMatchObject({
    kind: "granted",
    missing: "microphone",
    missingError: { kind: "no-device", missing: "microphone" },
  });
});

it("has no device where every track has ended, and one again by a clone of one that lives", async () => {
  const video = own("video");
  const access = ownTracksAccess({ video: video.asTrack }, BROWSER);
  expect(await access.open("camera", {})).toMatchObject({ kind: "granted" });
  expect(await access.open("microphone", {})).toMatchObject({ kind: "refused" });
  video.readyState = "ended";
  expect(await access.open("camera", {})).toEqual({
    kind: "refused",
    error: { kind: "no-device", missing: "camera" },
  });
  expect(await access.acquire({})).toEqual({
    kind: "refused",
    error: { kind: "no-device", missing: "both" },
  });
});

it("keeps its track where it is to be switched: there is no other side", async () => {
  const video = own("video");
  const access = ownTracksAccess({ video: video.asTrack }, BROWSER);
  expect(await access.flip(video.asTrack, {})).toMatchObject({ kind: "kept", track: video.asTrack });
});
