/** The browser's side of the devices; a test brings another. */

import {
  type AcquireOptions,
  type AcquireResult,
  type AudioInput,
  acquire,
  type DeviceEnvironment,
  type FlipResult,
  flipCamera,
  InputMonitor,
  keepScreenOn,
  type LevelMeter,
  type OpenResult,
  openTrack,
  type WakeLockState,
  watchDevices,
  watchPermissions,
  watchPicture,
  watchVisibility,
} from "../capture/devices";
import type { Device, DeviceChoices } from "../model/device";

/** The microphone inside Web Audio, and how loud it is. */
export interface Sound {
  readonly input: AudioInput;
  readonly level: LevelMeter;
}

export type Monitor = Pick<
  InputMonitor,
  "change" | "close" | "expectMedia" | "noteMedia" | "permissionChanged" | "rest" | "retry" | "setSound"
>;

export interface DeviceAccess {
  acquire(options: AcquireOptions): Promise<AcquireResult>;
  open(device: Device, constraints: MediaTrackConstraints): Promise<OpenResult>;
  flip(track: MediaStreamTrack, size: MediaTrackConstraints): Promise<FlipResult>;
  /** Whether a request for it would make the browser ask the person; false where nobody can tell. */
  wouldAsk(device: Device): Promise<boolean>;
  /** Takes a microphone into Web Audio; null where the browser cannot. */
  openSound(track: MediaStreamTrack): Sound | null;
  previewOf(track: MediaStreamTrack): MediaStream;
  watch(onChange: (choices: DeviceChoices) => void): () => void;
  watchPermissions(onChange: Parameters<typeof watchPermissions>[0]): () => void;
  watchVisibility(onChange: (isVisible: boolean) => void): () => void;
  monitor(options: ConstructorParameters<typeof InputMonitor>[0]): Monitor;
  /** Tells when the picture's size or the phone's orientation changes. @returns what ends the telling. */
  watchPicture(options: Parameters<typeof watchPicture>[0]): () => void;
  keepScreenOn(onState: (state: WakeLockState) => void): () => void;
  /** Whether the devices were given to this page before, in this browser. */
  readonly wereGiven: { get(): boolean; note(): void };
}

/** @param openSound see `DeviceAccess`. */
export function browserDeviceAccess(
  environment: DeviceEnvironment,
  openSound: DeviceAccess["openSound"],
): DeviceAccess {
  return {
    acquire: (options) => acquire(options, environment),
    openSound,
    open: (device, constraints) => openTrack(device, constraints, environment),
    flip: (track, size) => flipCamera(track, size, environment),
    wouldAsk: async (device) => {
      const state = await environment.queryPermission?.(device).catch(() => undefined);
      return state === "prompt";
    },
    previewOf: (track) => new MediaStream([track]),
    watch: watchDevices,
    watchPermissions,
    watchVisibility,
    watchPicture: (options) => watchPicture(options).stop,
    monitor: (options) => new InputMonitor({ ...options, mediaDevices: navigator.mediaDevices }),
    keepScreenOn,
    wereGiven: browserMemory(),
  };
}

const GIVEN_KEY = "twincast.devices-given";

function browserMemory(): DeviceAccess["wereGiven"] {
  return {
    get: () => {
      try {
        return localStorage.getItem(GIVEN_KEY) !== null;
      } catch {
        // A browser that keeps nothing is asked every time.
        return false;
      }
    },
    note: () => {
      try {
        localStorage.setItem(GIVEN_KEY, "yes");
      } catch {
        // See above.
      }
    },
  };
}
