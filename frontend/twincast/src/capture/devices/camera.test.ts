import { beforeEach, describe, expect, it } from "vitest";
import type { Facing } from "../../model/device";
import { FakeClock } from "../../testing/fake-clock";
import { domError, FakeTrack } from "../testing/fake-media";
import { flipCamera, hasTorch, setTorch, setZoom, zoomOf } from "./camera";

interface FakeCamera {
  deviceId: string;
  facing?: Facing;
  label?: string;
}

const FRONT: FakeCamera = { deviceId: "front", facing: "user" };
const BACK: FakeCamera = { deviceId: "back", facing: "environment" };

let cameras: FakeCamera[];
/** The one that is open; phones have room for one. */
let open: FakeTrack | undefined;
/** Cameras that cannot be opened. */
let broken: string[];

function pick({ facingMode, deviceId }: MediaTrackConstraints): FakeCamera | undefined {
  const exact = (value: unknown) => (value as { exact?: string } | undefined)?.exact;
  const ideal = (value: unknown) => (value as { ideal?: string } | undefined)?.ideal;
  const id = exact(deviceId);
  if (id) return cameras.find((camera) => camera.deviceId === id);
  const side = exact(facingMode);
  if (side) return cameras.find(({ facing }) => facing === side);
  return cameras.find(({ facing }) => facing === ideal(facingMode)) ?? cameras[0];
}

async function getUserMedia(asked: MediaStreamConstraints = {}): Promise<MediaStream> {
  const camera = pick(asked.video as MediaTrackConstraints);
  if (!camera) throw domError("OverconstrainedError", "", "facingMode");
  if (open?.readyState === "live" || broken.includes(camera.deviceId)) {
    throw domError("NotReadableError", "Could not start video source");
  }
  const track = trackOf(camera);
  return { getTracks: () => [track] } as unknown as MediaStream;
}

function trackOf({ deviceId, facing }: FakeCamera): FakeTrack {
  open = new FakeTrack("video", deviceId);
  open.settings = { deviceId, ...(facing && { facingMode: facing }) };
  return open;
}

const flip = (old: FakeTrack) =>
  flipCamera(
    old.asTrack,
    { width: { ideal: 1280 } },
    {
      mediaDevices: {
        getUserMedia,
        enumerateDevices: async () =>
          cameras.map(
            ({ deviceId, label = "" }) => ({ kind: "videoinput", deviceId, label }) as MediaDeviceInfo,
          ),
      },
      queryPermission: undefined,
      navigator: { userAgent: "" },
      isSecureContext: true,
      hasEncoder: true,
      clock: new FakeClock(),
    },
  );

beforeEach(() => {
  cameras = [FRONT, BACK];
  open = undefined;
  broken = [];
});

describe("flipping the camera", () => {
  it("goes from the front to the back and back again, ending the old one first", async () => {
    const front = trackOf(FRONT);
    const there = await flip(front);
    expect(there).toMatchObject({ kind: "flipped", track: { label: "back" } });
    expect(front.readyState).toBe("ended");
    expect(await flip(open as FakeTrack)).toMatchObject({ kind: "flipped", track: { label: "front" } });
  });

  it("finds the back camera by its label where tracks have no side", async () => {
    cameras = [
      { deviceId: "a" },
      { deviceId: "wide", label: "camera 1, facing front" },
      { deviceId: "c", label: "Back Camera" },
    ];
    expect(await flip(trackOf({ deviceId: "a" }))).toMatchObject({ kind: "flipped", track: { label: "c" } });
  });

  it("goes to the next webcam where there are no sides at all", async () => {
    cameras = [{ deviceId: "a" }, { deviceId: "b" }];
    expect(await flip(trackOf({ deviceId: "a" }))).toMatchObject({ kind: "flipped", track: { label: "b" } });
  });

  it("goes back to the former camera when the other one cannot be had, and says why", async () => {
    broken = ["back"];
    expect(await flip(trackOf(FRONT))).toMatchObject({
      kind: "kept",
      track: { label: "front", readyState: "live" },
      error: { kind: "in-use", device: "camera" },
    });
  });

  it("keeps the only camera, though it is asked for the other side", async () => {
    cameras = [FRONT];
    expect(await flip(trackOf(FRONT))).toMatchObject({ kind: "kept", track: { label: "front" } });
  });

  it("says so when neither can be had", async () => {
    const front = trackOf(FRONT);
    broken = ["front", "back"];
    expect(await flip(front)).toMatchObject({ kind: "lost", error: { kind: "in-use" } });
  });
});

describe("the torch", () => {
  it("is offered where the track has one, and not where nobody can tell", () => {
    const track = new FakeTrack("video");
    expect(hasTorch(track.asTrack)).toBe(false);
    track.capabilities = { torch: true } as MediaTrackCapabilities;
    expect(hasTorch(track.asTrack)).toBe(true);
    expect(hasTorch({} as MediaStreamTrack)).toBe(false);
  });

  it("is switched by a constraint", async () => {
    const track = new FakeTrack("video");
    await setTorch(track.asTrack, true);
    expect(track.applied).toEqual([{ advanced: [{ torch: true }] }]);
  });
});

describe("the zoom", () => {
  it("is offered where the camera has a range, and not where nobody can tell", () => {
    const track = new FakeTrack("video");
    expect(zoomOf(track.asTrack)).toBeNull();
    track.capabilities = { zoom: { min: 1, max: 1 } } as unknown as MediaTrackCapabilities;
    expect(zoomOf(track.asTrack)).toBeNull();
    track.capabilities = { zoom: { min: 1, max: 5, step: 0.1 } } as unknown as MediaTrackCapabilities;
    expect(zoomOf(track.asTrack)).toEqual({ value: 1, min: 1, max: 5, step: 0.1 });
  });

  it("leaves the picture's size and a light that is on as they are", async () => {
    const track = new FakeTrack("video");
    const asTrack = Object.assign(track.asTrack, { getConstraints: () => ({ width: { ideal: 1280 } }) });
    await setZoom(asTrack, 2, true);
    expect(track.applied).toEqual([{ width: { ideal: 1280 }, advanced: [{ zoom: 2, torch: true }] }]);
  });
});
