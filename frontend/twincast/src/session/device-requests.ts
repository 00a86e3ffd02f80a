/** How a session asks for its devices: for which, in which order, and with what let go before. It keeps no track. */

import {
  type AcquireResult,
  type ChangeResult,
  cameraConstraints,
  DEFAULT_WANTED,
  type OpenResult,
  PRESETS,
} from "../capture/devices";
import type { Device } from "../model/device";
import type { PresetName } from "../model/settings";
import type { StreamKind } from "../model/stream";
import type { DeviceAccess } from "./device-access";

export const KIND_OF = { camera: "video", microphone: "audio" } as const satisfies Record<Device, StreamKind>;

export interface DeviceRequestsOptions {
  readonly access: Pick<DeviceAccess, "acquire" | "flip" | "open">;
  /** This kind's device is about to be opened anew: whoever has a clone of its track lets it go. */
  readonly onRelease: (kind: StreamKind) => Promise<void>;
}

export class DeviceRequests {
  preset: PresetName = "balanced";
  /** Which devices the person chose, by their ids: asked for first, and gone without where they are gone. */
  preferred: Partial<Record<Device, string>> = {};
  readonly #options: DeviceRequestsOptions;

  constructor(options: DeviceRequestsOptions) {
    this.#options = options;
  }

  /** Both devices at once. @param without a device that the person goes on without. */
  acquire(onUnanswered: () => void, without?: Device): Promise<AcquireResult> {
    const { facingMode, ...camera } = { ...DEFAULT_WANTED.camera, ...this.cameraConstraints() };
    const { camera: cameraId, microphone: microphoneId } = this.preferred;
    return this.#options.access.acquire({
      wanted: {
        // A camera that was chosen is meant whichever way it faces.
        camera: {
          ...camera,
          ...(cameraId ? { deviceId: { ideal: cameraId } } : facingMode && { facingMode }),
        },
        microphone: {
          ...DEFAULT_WANTED.microphone,
          ...(microphoneId && { deviceId: { ideal: microphoneId } }),
        },
      },
      onUnanswered,
      ...(without && { without }),
    });
  }

  /** The camera on the other side; or the former one, with the reason. */
  async flip(track: MediaStreamTrack): Promise<ChangeResult> {
    // A clone keeps a camera open, and many phones open one camera at a time.
    await this.#options.onRelease("video");
    const flipped = await this.#options.access.flip(track, this.cameraConstraints());
    switch (flipped.kind) {
      case "flipped":
        return { kind: "granted", track: flipped.track };
      case "kept":
        return { kind: "granted", track: flipped.track, error: flipped.error };
      case "lost":
        return { kind: "refused", error: flipped.error };
    }
  }

  /** This camera or microphone; or the former one, with the reason. */
  async choose(device: Device, deviceId: string, track?: MediaStreamTrack | null): Promise<ChangeResult> {
    // First: Android has one camera at a time, and on iOS a second microphone silences the first.
    await this.#options.onRelease(KIND_OF[device]);
    track?.stop();
    const chosen = await this.#options.access.open(device, {
      ...this.#constraints(device),
      deviceId: { exact: deviceId },
    });
    if (chosen.kind === "granted") return chosen;
    const kept = await this.#options.access.open(device, this.#constraints(device, track));
    return kept.kind === "granted" ? { ...kept, error: chosen.error } : kept;
  }

  /** @param former the track whose device is preferred. */
  async reopen(device: Device, former: () => MediaStreamTrack | null | undefined): Promise<OpenResult> {
    await this.#options.onRelease(KIND_OF[device]);
    return this.#options.access.open(device, this.#constraints(device, former()));
  }

  /** Only `ideal` values: a camera that cannot goes on as it is. */
  cameraConstraints(): MediaTrackConstraints {
    return cameraConstraints(PRESETS[this.preset]);
  }

  #constraints(device: Device, former?: MediaStreamTrack | null): MediaTrackConstraints {
    const wanted = device === "camera" ? this.cameraConstraints() : DEFAULT_WANTED.microphone;
    const deviceId = former?.getSettings().deviceId;
    return deviceId === undefined ? wanted : { ...wanted, deviceId: { ideal: deviceId } };
  }
}
