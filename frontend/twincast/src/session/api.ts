/** What `createSession` gives: states to follow and commands, for a page of any framework. */
import type { InputState, WakeLockState } from "../capture/devices";
import type { BackendFinding } from "../model/backend";
import type { Device, DeviceChoices, Facing, LevelSource, Torch, Zoom } from "../model/device";
import type { Leftover } from "../model/leftover";
import type { SegmentInfo } from "../model/media";
import type { CadenceName, PresetName } from "../model/settings";
import type { Source } from "../model/source";
import type { Quality, StorageState, StreamKind, StreamStatus } from "../model/stream";
import type { NetworkEvent } from "../transport";
import type { Arrival } from "./arrival";
import type { BackendAddress } from "./backend-address";
import type { SessionEvent } from "./events";
import type { SessionPhase } from "./phase";

/** What a person trades before a session: sharpness and delay for data. */
export interface Settings {
  /** The picture's size and rate, and the bit rates of both streams; `balanced` until it is changed. */
  readonly preset: PresetName;
  /** How soon media leave the encoder; the option `cadence` of `createSession` takes its place. */
  readonly cadence: CadenceName;
}

/** A figure over the last minute. */
export interface Figures<T extends number | null> {
  /** The newest one. */
  readonly value: Source<T>;
  /** One a second, oldest first, 60 at most. */
  readonly samples: Source<readonly number[]>;
}

/** One stream, video or audio, from its device to the backend. It has a connection of its own. */
export interface Stream {
  /** Whether it is the camera's stream or the microphone's. */
  readonly kind: StreamKind;
  /** What the backend has of it, as acknowledged by it. */
  readonly status: Source<StreamStatus>;
  /** How well the path carries it; null while nothing was measured. */
  readonly quality: Source<Quality | null>;
  /** How the running segment is made; null before the first. */
  readonly segment: Source<SegmentInfo | null>;
  /** Acknowledged, kB (1000 bytes) a second. */
  readonly rateKBps: Figures<number>;
  /** From capture to the backend's handler: the median of the last chunks, ms; null while unknown. */
  readonly delayMs: Figures<number | null>;
  /** What 95 of the last 100 chunks stayed below, ms; null while unknown. */
  readonly delayP95Ms: Source<number | null>;
  /** Recorded and not acknowledged, bytes. */
  readonly keptBytes: Source<number>;
  /** Recorded and not acknowledged, ms of media. */
  readonly keptMs: Source<number>;
  /** Acknowledged in this session, bytes. */
  readonly acknowledgedBytes: Source<number>;
  /** Of a small message to the backend and back, ms; null while unknown. */
  readonly roundTripMs: Source<number | null>;
  /** Acknowledged in this session. */
  readonly chunks: Source<number>;
  /** Where what is kept lies; null before a session. */
  readonly storage: Source<StorageState | null>;
  /** Gaps in this session, so far. */
  readonly gaps: Source<number>;
  /** How many watch it at the backend. */
  readonly viewers: Source<number>;
  /** Frames that the device gave and that were not encoded, because this device could not keep up. */
  readonly droppedFrames: Source<number>;
}

/** What camera and microphone give now. A track that ended is being opened again. */
export interface Media {
  /** The camera's track, or the clone of the page's own; null without one. */
  readonly video: MediaStreamTrack | null;
  /** The microphone's, likewise; disabled while it is muted. */
  readonly audio: MediaStreamTrack | null;
  /** The picture alone, for a `video` element's `srcObject`; null without a camera. */
  readonly preview: MediaStream | null;
  /** Which way the camera faces; show `user` mirrored. */
  readonly facing: Facing;
  /** How loud the microphone is; null without one, and where the browser cannot measure it. */
  readonly sound: { readonly level: LevelSource } | null;
}

/** Camera and microphone of a session. */
export interface Devices {
  /** null until they are open, and after they are let go. */
  readonly media: Source<Media | null>;
  /** How the camera fares; `missing` before it was asked for, and after `dispose`. */
  readonly camera: Source<InputState>;
  /** The same of the microphone. */
  readonly microphone: Source<InputState>;
  /** Which ones there are to choose from. */
  readonly choices: Source<DeviceChoices>;
  /** The camera's light; it is off, or there is none, whenever a camera was opened. */
  readonly torch: Source<Torch>;
  /** null where the camera has none. */
  readonly zoom: Source<Zoom | null>;
  /** Whether the microphone is muted; it stays so from one session of the page to the next. */
  readonly muted: Source<boolean>;
  /** Whether the screen is kept on while it streams. */
  readonly screen: Source<WakeLockState>;
  /** Tries again what is missing, or interrupted and needs a tap. Call it from a tap. */
  retry(): void;
  /** To the camera on the other side. Where another request is under way, nothing happens. */
  flip(): Promise<void>;
  /** Switches the light. Without one nothing happens, and a camera that refuses counts as one without. */
  toggleTorch(): Promise<void>;
  /**
   * Zooms: `zoom` tells the new value at once, and the camera follows; null afterwards where it refuses.
   *
   * @param value the nearest one within the camera's range is taken; where it has none, nothing happens.
   */
  setZoom(value: number): void;
  /** Tells where the preview is shown: its size is that of the upright picture in every engine. Null when it goes. */
  readonly setPreviewElement: (video: HTMLVideoElement | null) => void;
}

/**
 * Camera and microphone of one page, streamed to a backend. No command throws or rejects: what can go wrong ends in a
 * state. A command that does not fit the phase does nothing, and after `dispose` none does anything.
 */
export interface Session {
  /** Where it stands: permission, ready, starting, live, finishing, ended. */
  readonly phase: Source<SessionPhase>;
  /** What the last look for the backend found; null before the first. */
  readonly backend: Source<BackendFinding | null>;
  /** Whether the backend has anything of this session; a phase alone says only what this page does. */
  readonly arrival: Source<Arrival>;
  /** What the person chose last, in this browser; `configure` changes it. */
  readonly settings: Source<Settings>;
  /** Media of a session whose page is gone, which are delivered by this one. */
  readonly leftover: Source<Leftover>;
  /** What is worth telling a person at the moment when it happens. */
  readonly events: {
    /** @returns the function that ends the subscription. */
    readonly subscribe: (listener: (event: SessionEvent) => void) => () => void;
  };
  /** The camera and the microphone, or the page's own tracks in their place. */
  readonly devices: Devices;
  /** The camera's stream. */
  readonly video: Stream;
  /** The microphone's stream. */
  readonly audio: Stream;
  /** Where the media goes. */
  readonly address: BackendAddress;
  /** Whether leaving the page now would lose media. */
  readonly holdsMedia: boolean;
  /** The session's clock, ms since the epoch. It does not jump. */
  readonly now: () => number;

  /** Looks whether the backend could take streams now; `backend` says what came of it. */
  lookForBackend(): Promise<void>;
  /**
   * From the phase `permission`: asks for camera and microphone, and is `ready` with at least one. Call it from a tap.
   *
   * @param without a device that the person goes on without.
   */
  ask(without?: Device): Promise<void>;
  /** From `ready`: begins a session, one id and two streams that know nothing of each other. Call it from a tap. */
  start(): Promise<void>;
  /** From `starting` or `live`: records nothing any more, delivers what is kept, and has the backend verify it. */
  stop(): Promise<void>;
  /** While `finishing`: gives up what the backend has not acknowledged. */
  discard(): void;
  /** From `ended`: `ready` for another session with the same devices. */
  again(): void;
  /** Muted, the microphone stays open and silence is sent. */
  toggleMuted(): void;
  /** While `ready`: an encoder's size and cadence hold for a whole session. */
  configure(change: Partial<Settings>): Promise<void>;
  /**
   * To this camera or microphone, which is asked for first on the next visit; opens one that was missing. Where
   * it cannot be had, the former one is opened again (`device-kept`). While another request for the device is
   * under way, nothing happens.
   *
   * @param deviceId one of `devices.choices`.
   */
  chooseDevice(device: Device, deviceId: string): Promise<void>;
  /** Looks for media that a former page left on this device, and delivers them. */
  lookForLeftovers(): Promise<void>;
  /** Gives up what is left of the leftover, or takes its result as read. */
  discardLeftover(): void;
  /** Tells what happens to the network, or to the page. `createSession` listens to the window by itself. */
  network(event: NetworkEvent): void;
  /**
   * Lets everything go, at any moment: camera, microphone, workers, sockets, locks, listeners. What the backend has not
   * acknowledged and no file holds is lost: `stop` first, and wait for `ended`, where that matters. A session that is
   * disposed of stays so; make another one.
   */
  dispose(): void;
}
