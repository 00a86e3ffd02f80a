import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Device } from "../../model/device";
import { FakeClock } from "../../testing/fake-clock";
import { domError, FakeDevices } from "../testing/fake-media";
import {
  type AcquireOptions,
  type AcquireResult,
  acquire,
  DEFAULT_WANTED,
  obstacleOf,
  UNANSWERED_MS,
} from "./acquire";

let clock: FakeClock;
let devices: FakeDevices;

beforeEach(() => {
  clock = new FakeClock();
  devices = new FakeDevices();
});

const ask = (options?: AcquireOptions) => acquire(options, devices.environment(clock));
const kinds = (result: AcquireResult) =>
  result.kind === "granted" ? result.stream.getTracks().map((track) => track.kind) : result.error;

describe("asking for camera and microphone", () => {
  it("asks once for both, since a second call silences the first on iOS", async () => {
    expect(kinds(await ask())).toEqual(["video", "audio"]);
    expect(devices.requests).toEqual([{ video: DEFAULT_WANTED.camera, audio: DEFAULT_WANTED.microphone }]);
  });

  it("never insists on a property, so that a device with less is taken", async () => {
    await ask();
    for (const constraint of [DEFAULT_WANTED.camera, DEFAULT_WANTED.microphone].flatMap(Object.values)) {
      expect(Object.keys(constraint)).toEqual(["ideal"]);
    }
  });

  it("asks for anything when an engine cannot meet a property", async () => {
    devices.answers = [domError("OverconstrainedError", "", "width"), "grant"];
    expect(kinds(await ask())).toEqual(["video", "audio"]);
    expect(devices.requests[1]).toEqual({ video: true, audio: true });
  });

  it("refuses on an insecure address without asking", async () => {
    const environment = devices.environment(clock, { isSecureContext: false, mediaDevices: undefined });
    expect(await acquire({}, environment)).toEqual({ kind: "refused", error: { kind: "insecure-address" } });
  });

  it("refuses without a prompt when nothing could encode what it would get", async () => {
    const result = await acquire({}, devices.environment(clock, { hasEncoder: false }));
    expect(kinds(result)).toEqual({ kind: "unsupported-browser", missing: "MediaRecorder" });
    expect(devices.requests).toEqual([]);
  });

  it("names the app when it is one that keeps the devices to itself", async () => {
    devices.answers = [domError("NotAllowedError")];
    const navigator = { userAgent: "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/22G86 Instagram 400.0" };
    const result = await acquire({}, devices.environment(clock, { navigator }));
    expect(kinds(result)).toEqual({ kind: "in-app-browser", appName: "Instagram" });
  });
});

describe("in a frame of another page", () => {
  const denied = () => domError("NotAllowedError", "Permission denied");
  const framed = (...passedOn: string[]) =>
    devices.environment(clock, {
      frame: { allowsFeature: (device) => passedOn.includes(device), hasSecureAddress: true },
      // So Chromium says, also of what no frame passes on.
      queryPermission: async () => "granted",
    });

  it("that passes on nothing says so on arrival, and blames no person", async () => {
    const environment = framed();
    expect(obstacleOf(environment)).toEqual({ kind: "blocked-by-frame", device: "both" });
    devices.answers = [denied()];
    expect(kinds(await acquire({}, environment))).toEqual({ kind: "blocked-by-frame", device: "both" });
  });

  it("that passes on the camera streams it alone, and says where the microphone is", async () => {
    const environment = framed("camera");
    expect(obstacleOf(environment)).toBeNull();
    devices.answers = [domError("NotAllowedError", "Permission dismissed"), "grant"];
    const result = await acquire({}, environment);
    expect(result).toMatchObject({
      missing: "microphone",
      missingError: { kind: "blocked-by-frame", device: "microphone" },
    });
    expect(kinds(result)).toEqual(["video"]);
  });

  describe("where the browser does not tell what is passed on", () => {
    // As Firefox 140 and WebKit 2.50 answer: what is held back is denied, and no such device is listed.
    const framedIn = (permission: PermissionState, ...passedOn: Device[]) => {
      for (const device of ["camera", "microphone"] as const) {
        const isPassedOn = passedOn.includes(device);
        devices.present[device] = isPassedOn ? 1 : 0;
        devices.permissions[device] = isPassedOn ? permission : "denied";
      }
      return devices.environment(clock, { frame: { hasSecureAddress: true } });
    };

    it("names the frame, and blames no person", async () => {
      devices.answers = [denied()];
      expect(kinds(await acquire({}, framedIn("prompt")))).toEqual({
        kind: "blocked-by-frame",
        device: "both",
      });
    });

    it("streams alone what is passed on", async () => {
      devices.answers = [denied(), "grant"];
      const result = await acquire({}, framedIn("granted", "camera"));
      expect(result).toMatchObject({ missingError: { kind: "blocked-by-frame", device: "microphone" } });
      expect(kinds(result)).toEqual(["video"]);
    });

    it("blames no frame that passes on both, where a person has refused", async () => {
      devices.answers = [denied()];
      expect(kinds(await acquire({}, framedIn("denied", "camera", "microphone")))).toEqual({
        kind: "denied",
        device: "both",
      });
    });
  });

  it("of an insecure page, names that page and not its own address", async () => {
    for (const [hasSecureAddress, kind] of [
      [true, "insecure-frame"],
      [false, "insecure-address"],
    ] as const) {
      const environment = devices.environment(clock, {
        frame: { hasSecureAddress },
        isSecureContext: false,
        mediaDevices: undefined,
      });
      expect(obstacleOf(environment)).toEqual({ kind });
      expect(kinds(await acquire({}, environment))).toEqual({ kind });
    }
  });

  it("that passes on both, is refused by the person alone", async () => {
    devices.answers = [denied()];
    const environment = devices.environment(clock, {
      frame: { allowsFeature: () => true, hasSecureAddress: true },
      queryPermission: async () => "denied",
    });
    expect(kinds(await acquire({}, environment))).toEqual({ kind: "denied", device: "both" });
  });
});

describe("a missing device", () => {
  it.each([
    ["Chromium", domError("NotFoundError", "Requested device not found")],
    ["WebKit", domError("OverconstrainedError", "Invalid constraint", "")],
  ])("leaves the microphone streaming when there is no camera (%s)", async (_engine, error) => {
    devices.answers = [error, "grant"];
    devices.present = { camera: 0, microphone: 1 };
    const result = await ask();
    expect(result).toMatchObject({
      missing: "camera",
      missingError: { kind: "no-device", missing: "camera" },
    });
    expect(kinds(result)).toEqual(["audio"]);
    expect(devices.requests).toHaveLength(2);
  });

  it("leaves the camera streaming when there is no microphone", async () => {
    devices.answers = [domError("NotFoundError"), "grant"];
    devices.present = { camera: 2, microphone: 0 };
    const result = await ask();
    expect(result).toMatchObject({ kind: "granted", missing: "microphone" });
    expect(kinds(result)).toEqual(["video"]);
  });

  it("is found by trying each alone when the list of devices does not tell", async () => {
    devices.answers = [domError("NotFoundError"), domError("NotFoundError"), "grant"];
    const result = await ask();
    expect(result).toMatchObject({ kind: "granted", missing: "microphone" });
  });

  it("of both kinds is said of both", async () => {
    devices.answers = [domError("NotFoundError")];
    devices.present = { camera: 0, microphone: 0 };
    expect(kinds(await ask())).toEqual({ kind: "no-device", missing: "both" });
  });

  it("does not hide a no to the device that is there", async () => {
    devices.answers = [domError("NotFoundError"), domError("NotAllowedError", "Permission denied")];
    devices.present = { camera: 0, microphone: 1 };
    devices.permissions.microphone = "denied";
    expect(kinds(await ask())).toEqual({ kind: "denied", device: "microphone" });
  });
});

describe("a busy device", () => {
  it("gets a second chance a second later", async () => {
    devices.answers = [domError("NotReadableError", "Could not start video source"), "grant"];
    const result = ask();
    await clock.advance(1_000);
    expect(kinds(await result)).toEqual(["video", "audio"]);
  });

  it("leaves the other one streaming when it stays busy", async () => {
    const busy = domError("NotReadableError", "Could not start video source");
    devices.answers = [busy, busy, "grant"];
    const result = ask();
    await clock.advance(1_000);
    expect(await result).toMatchObject({
      missing: "camera",
      missingError: { kind: "in-use", device: "camera" },
    });
  });
});

describe("a refusal", () => {
  it("is final: no device is asked for behind a person's back", async () => {
    devices.answers = [domError("NotAllowedError", "Permission denied")];
    devices.permissions = { camera: "denied", microphone: "prompt" };
    expect(kinds(await ask())).toEqual({ kind: "denied", device: "camera" });
    expect(devices.requests).toHaveLength(1);
  });

  it("of one leaves the other, which was allowed, streaming alone, and says which one was refused", async () => {
    devices.answers = [domError("NotAllowedError", "Permission denied"), "grant"];
    devices.permissions = { camera: "denied", microphone: "granted" };
    const result = await ask();
    expect(result).toMatchObject({
      kind: "granted",
      missing: "camera",
      missingError: { kind: "denied", device: "camera" },
    });
    expect(kinds(result)).toEqual(["audio"]);
  });

  it("of one lets the person go on with the other", async () => {
    const result = await ask({ without: "microphone" });
    expect(devices.requests).toEqual([{ video: DEFAULT_WANTED.camera, audio: false }]);
    expect(kinds(result)).toEqual(["video"]);
    expect(result).toMatchObject({ missing: "microphone", missingError: { kind: "denied" } });
  });

  it("is explained without the Permissions API and without a list of devices", async () => {
    const environment = devices.environment(clock, {
      queryPermission: () => Promise.reject(new TypeError("'camera' is not a PermissionName")),
    });
    devices.answers = [domError("NotAllowedError")];
    expect(kinds(await acquire({}, environment))).toEqual({ kind: "denied", device: "both" });
  });
});

describe("a prompt that nobody answers", () => {
  it("is reported once, and a late yes still wins", async () => {
    devices.answers = ["never"];
    const onUnanswered = vi.fn();
    const result = ask({ onUnanswered });
    await clock.advance(UNANSWERED_MS - 1);
    expect(onUnanswered).not.toHaveBeenCalled();
    await clock.advance(10 * UNANSWERED_MS);
    expect(onUnanswered).toHaveBeenCalledOnce();
    devices.lateGrant();
    expect(kinds(await result)).toEqual(["video", "audio"]);
  });

  it("leaves no timer behind once it is answered", async () => {
    const onUnanswered = vi.fn();
    await ask({ onUnanswered });
    expect(clock.pending).toBe(0);
  });
});
