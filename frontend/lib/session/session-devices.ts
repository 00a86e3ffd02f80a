/**
 * The camera and microphone of a session: which tracks there are, how each device fares, and everything that changes a
 * track (flip, choice, light, coming back after an interruption). It knows nothing of streams; who encodes is told of
 * each new track.
 */
import type { Device, DeviceChoices, Facing, Torch } from "@/model/device";
import type { CaptureError } from "@/model/permission";
import type { PresetName } from "@/model/settings";
import type { StreamKind } from "@/model/stream";

import { type AcquireOptions, type AcquireResult, DEFAULT_WANTED } from "../capture/devices/acquire";
import type { AudioInput } from "../capture/devices/audio-input";
import { type FlipResult, flipCamera, hasTorch, setTorch } from "../capture/devices/camera";
import { InputMonitor, type InputState } from "../capture/devices/input-monitor";
import type { LevelMeter } from "../capture/devices/level";
import { watchDevices } from "../capture/devices/list";
import { type OpenResult, openTrack } from "../capture/devices/open-track";
import { watchPicture } from "../capture/devices/picture-watch";
import { cameraConstraints, PRESETS } from "../capture/devices/presets";
import { keepScreenOn, type WakeLockState } from "../capture/devices/wake-lock";
import { facingOf } from "../capture/segment-details";
import type { FrameDetails } from "../capture/video/frame-input";
import { Store } from "./store";

export { SILENCE_MS } from "../capture/devices/input-monitor";

/** The microphone inside Web Audio, and how loud it is. */
export interface Sound {
  readonly input: AudioInput;
  readonly level: LevelMeter;
}

/** What the devices give now. At least one of the tracks is there. */
export interface Media {
  readonly video: MediaStreamTrack | null;
  readonly audio: MediaStreamTrack | null;
  /** The picture alone, for the preview. */
  readonly preview: MediaStream | null;
  readonly facing: Facing;
  readonly sound: Sound | null;
}

export type DeviceState = InputState | { readonly kind: "missing" } | { readonly kind: "flipping" };

/** The browser's side of the devices; a test brings another. */
export interface DeviceAccess {
  acquire(options: AcquireOptions): Promise<AcquireResult>;
  open(device: Device, constraints: MediaTrackConstraints): Promise<OpenResult>;
  flip(track: MediaStreamTrack, size: MediaTrackConstraints): Promise<FlipResult>;
  /** Takes a microphone into Web Audio; null where the browser cannot. */
  openSound(track: MediaStreamTrack): Sound | null;
  previewOf(track: MediaStreamTrack): MediaStream;
  watch(onChange: (choices: DeviceChoices) => void): () => void;
  monitor(options: ConstructorParameters<typeof InputMonitor>[0]): Monitor;
  /** Tells when the picture's size or the phone's orientation changes. @returns what ends the telling. */
  watchPicture(options: Parameters<typeof watchPicture>[0]): () => void;
  keepScreenOn(onState: (state: WakeLockState) => void): () => void;
}
export type Monitor = Pick<InputMonitor, "noteMedia" | "retry" | "setTrack" | "close">;

/** @param openSound see `DeviceAccess`. */
export function browserDeviceAccess(
  acquire: DeviceAccess["acquire"],
  openSound: DeviceAccess["openSound"],
): DeviceAccess {
  return {
    acquire,
    openSound,
    open: openTrack,
    flip: flipCamera,
    previewOf: (track) => new MediaStream([track]),
    watch: watchDevices,
    watchPicture: (options) => watchPicture(options).stop,
    monitor: (options) => new InputMonitor({ ...options, mediaDevices: navigator.mediaDevices }),
    keepScreenOn,
  };
}

export interface SessionDevicesOptions {
  readonly access: DeviceAccess;
  /** This kind's device is about to be opened anew: whoever has a clone of its track lets it go. */
  readonly onRelease: (kind: StreamKind) => Promise<void>;
  /** Another track carries this kind from now on; what it gives belongs to a new segment. */
  readonly onTrack: (kind: StreamKind, track: MediaStreamTrack) => void;
  /** The phone was turned, or the camera changed its size. */
  readonly onPicture: (details: FrameDetails) => void;
}

const MISSING: DeviceState = { kind: "missing" };
const LIVE: DeviceState = { kind: "live" };

export class SessionDevices {
  readonly media = new Store<Media | null>(null);
  readonly camera = new Store<DeviceState>(MISSING);
  readonly microphone = new Store<DeviceState>(MISSING);
  readonly choices = new Store<DeviceChoices>({ cameras: [], microphones: [] });
  readonly torch = new Store<Torch>("none");
  readonly muted = new Store(false);
  readonly screen = new Store<WakeLockState>("off");
  readonly #access: DeviceAccess;
  readonly #onRelease: SessionDevicesOptions["onRelease"];
  readonly #onTrack: SessionDevicesOptions["onTrack"];
  readonly #onPicture: SessionDevicesOptions["onPicture"];
  #preset: PresetName = "balanced";
  #monitors: { video?: Monitor; audio?: Monitor } = {};
  #unwatch: (() => void) | null = null;
  #releaseScreen: () => void = () => {};
  #stopPictureWatch: () => void = () => {};
  #previewElement: HTMLVideoElement | null = null;

  constructor({ access, onRelease, onTrack, onPicture }: SessionDevicesOptions) {
    this.#access = access;
    this.#onRelease = onRelease;
    this.#onTrack = onTrack;
    this.#onPicture = onPicture;
  }

  /** Asks for both devices at once. @returns the error, or null when there is at least one of them. */
  async ask(onUnanswered: () => void): Promise<CaptureError | null> {
    const camera = { ...DEFAULT_WANTED.camera, ...cameraConstraints(PRESETS[this.#preset]) };
    const result = await this.#access.acquire({ wanted: { ...DEFAULT_WANTED, camera }, onUnanswered });
    if (result.kind === "refused") return result.error;
    const [video = null] = result.stream.getVideoTracks();
    const [audio = null] = result.stream.getAudioTracks();
    this.#adopt(video, audio);
    this.#unwatch ??= this.#access.watch((choices) => this.choices.set(choices));
    return null;
  }

  /** A session runs: watch the devices, and keep the screen on. Call it from the tap that starts it. */
  startWatching(): void {
    const { video, audio, sound } = this.media.get() ?? {};
    if (video) {
      this.#watchPicture(video);
      this.#monitors.video = this.#access.monitor({
        track: video,
        reopen: () => this.#reopen("camera"),
        onTrack: (track) => this.#replace("video", track),
        onState: (state) => this.camera.set(state),
      });
    }
    if (audio) {
      this.#monitors.audio = this.#access.monitor({
        track: audio,
        reopen: () => this.#reopen("microphone"),
        onTrack: (track) => this.#replace("audio", track),
        onState: (state) => this.microphone.set(state),
        ...(sound && { audio: sound.input, levels: sound.level }),
      });
    }
    this.#releaseScreen = this.#access.keepScreenOn((state) => this.screen.set(state));
  }

  /** Nobody takes this kind's media any more: that none comes is no fault of its device. */
  stopWatchingKind(kind: StreamKind): void {
    this.#monitors[kind]?.close();
    delete this.#monitors[kind];
  }

  stopWatching(): void {
    this.#monitors.video?.close();
    this.#monitors.audio?.close();
    this.#monitors = {};
    this.#stopPictureWatch();
    this.#stopPictureWatch = () => {};
    this.#releaseScreen();
    this.#releaseScreen = () => {};
    const media = this.media.get();
    this.camera.set(media?.video ? LIVE : MISSING);
    this.microphone.set(media?.audio ? LIVE : MISSING);
  }

  /** Encoded media of this kind came out: the truth about a device, whatever its events say. */
  noteMedia(kind: StreamKind, capturedTo: number): void {
    this.#monitors[kind]?.noteMedia(capturedTo);
  }

  /** Where the preview is shown: its size is that of the upright picture in every engine. */
  readonly setPreviewElement = (video: HTMLVideoElement | null): void => {
    this.#previewElement = video;
  };

  /** The tap on the one large button, when coming back takes one. */
  retry(): void {
    this.#retry(this.camera, this.#monitors.video, "camera");
    this.#retry(this.microphone, this.#monitors.audio, "microphone");
    this.media
      .get()
      ?.sound?.input.resume()
      .catch(() => {});
  }

  #retry(store: Store<DeviceState>, monitor: Monitor | undefined, device: Device): void {
    const state = store.get();
    if (state.kind !== "interrupted" || !state.needsTap) return;
    if (monitor) monitor.retry();
    else void this.#recover(device);
  }

  async #recover(device: Device): Promise<void> {
    const opened = await this.#reopen(device);
    if (opened.kind === "granted") this.#take(device === "camera" ? "video" : "audio", opened.track);
  }

  async flip(): Promise<void> {
    const track = this.media.get()?.video;
    if (!track || this.camera.get().kind === "flipping") return;
    this.camera.set({ kind: "flipping" });
    // A clone keeps a camera open, and many phones open one camera at a time.
    await this.#onRelease("video");
    const result = await this.#access.flip(track, cameraConstraints(PRESETS[this.#preset]));
    if (result.kind === "lost") this.#loseCamera(result.error);
    else this.#take("video", result.track);
  }

  async choose(device: Device, deviceId: string): Promise<void> {
    const media = this.media.get();
    const track = device === "camera" ? media?.video : media?.audio;
    if (!track || track.getSettings().deviceId === deviceId) return;
    // First: Android has one camera at a time, and on iOS a second microphone silences the first.
    await this.#onRelease(device === "camera" ? "video" : "audio");
    track.stop();
    const wanted = { ...this.#constraints(device), deviceId: { exact: deviceId } };
    let opened = await this.#access.open(device, wanted);
    if (opened.kind === "refused") opened = await this.#access.open(device, this.#constraints(device));
    if (opened.kind === "granted") this.#take(device === "camera" ? "video" : "audio", opened.track);
    else if (device === "camera") this.#loseCamera(opened.error);
    else this.microphone.set(lost(opened.error));
  }

  async toggleTorch(): Promise<void> {
    const track = this.media.get()?.video;
    const torch = this.torch.get();
    if (!track || torch === "none") return;
    try {
      await setTorch(track, torch === "off");
      this.torch.set(torch === "off" ? "on" : "off");
    } catch {
      // The camera changed its mind about having one.
      this.torch.set("none");
    }
  }

  toggleMuted(): void {
    this.muted.update((muted) => !muted);
    const audio = this.media.get()?.audio;
    if (audio) this.#applyMuted(audio);
  }

  /** Asks the camera for the preset's picture. */
  async setPreset(preset: PresetName): Promise<void> {
    this.#preset = preset;
    // Only `ideal` values: a camera that cannot goes on as it is.
    await this.media
      .get()
      ?.video?.applyConstraints(cameraConstraints(PRESETS[preset]))
      .catch(() => {});
  }

  #adopt(video: MediaStreamTrack | null, audio: MediaStreamTrack | null): void {
    const before = this.media.get();
    before?.sound?.level.close();
    void before?.sound?.input.close();
    if (audio) this.#applyMuted(audio);
    this.media.set({
      video,
      audio,
      preview: video && this.#access.previewOf(video),
      facing: video ? facing(video) : "user",
      sound: audio && this.#access.openSound(audio),
    });
    this.camera.set(video ? LIVE : MISSING);
    this.microphone.set(audio ? LIVE : MISSING);
    this.torch.set(video && hasTorch(video) ? "off" : "none");
  }

  /** A track that a person chose. */
  #take(kind: StreamKind, track: MediaStreamTrack): void {
    this.#monitors[kind]?.setTrack(track);
    (kind === "video" ? this.camera : this.microphone).set(LIVE);
    this.#replace(kind, track);
  }

  #replace(kind: StreamKind, track: MediaStreamTrack): void {
    const media = this.media.get();
    if (!media) return;
    if (kind === "video") {
      this.media.set({
        ...media,
        video: track,
        preview: this.#access.previewOf(track),
        facing: facing(track),
      });
      this.torch.set(hasTorch(track) ? "off" : "none");
      if (this.#monitors.video) this.#watchPicture(track);
    } else {
      this.#applyMuted(track);
      media.sound?.input.setTrack(track);
      this.media.set({ ...media, audio: track });
    }
    this.#onTrack(kind, track);
  }

  #watchPicture(track: MediaStreamTrack): void {
    this.#stopPictureWatch();
    this.#stopPictureWatch = this.#access.watchPicture({
      track,
      onChange: this.#onPicture,
      ...(this.#previewElement && { video: this.#previewElement }),
    });
  }

  async #reopen(device: Device): Promise<OpenResult> {
    await this.#onRelease(device === "camera" ? "video" : "audio");
    const { video, audio } = this.media.get() ?? {};
    const deviceId = (device === "camera" ? video : audio)?.getSettings().deviceId;
    const ideal = deviceId === undefined ? {} : { deviceId: { ideal: deviceId } };
    return this.#access.open(device, { ...this.#constraints(device), ...ideal });
  }

  #constraints(device: Device): MediaTrackConstraints {
    return device === "camera" ? cameraConstraints(PRESETS[this.#preset]) : DEFAULT_WANTED.microphone;
  }

  #loseCamera(error: CaptureError): void {
    this.camera.set(lost(error));
  }

  /** `enabled` keeps the device and sends silence: no new prompt, and the audio stream goes on. */
  #applyMuted(audio: MediaStreamTrack): void {
    audio.enabled = !this.muted.get();
  }
}

function lost(error: CaptureError): DeviceState {
  return { kind: "interrupted", cause: "device-lost", needsTap: true, error };
}

function facing(track: MediaStreamTrack): Facing {
  return facingOf(track.getSettings()) ?? "user";
}
