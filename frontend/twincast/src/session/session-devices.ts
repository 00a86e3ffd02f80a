/**
 * The camera and microphone of a session: which tracks there are, how each device fares, and everything that changes a
 * track (flip, choice, light, coming back after an interruption). It knows nothing of streams; who encodes is told of
 * each new track.
 */

import type { ChangeResult, InputState, PermissionStates, WakeLockState } from "../capture/devices";
import type { FrameDetails } from "../capture/video";
import type { Clock } from "../clock";
import type { Device, DeviceChoices, Torch, Zoom } from "../model/device";
import type { CaptureError } from "../model/permission";
import type { PresetName } from "../model/settings";
import type { StreamKind } from "../model/stream";
import type { Devices } from "./api";
import type { DeviceAccess, Monitor } from "./device-access";
import { DeviceRequests, KIND_OF } from "./device-requests";
import { type Media, SessionMedia } from "./session-media";
import { Store } from "./store";

export { SILENCE_MS } from "../capture/devices";

export type { InputState };

/** What becomes of a request for both devices; `late` when another one was answered first, or asked since. */
export type AskResult = "given" | "late" | CaptureError;

export interface SessionDevicesOptions {
  readonly access: DeviceAccess;
  readonly clock: Clock;
  /** This kind's device is about to be opened anew: whoever has a clone of its track lets it go. */
  readonly onRelease: (kind: StreamKind) => Promise<void>;
  /** Another track carries this kind from now on; what it gives belongs to a new segment. */
  readonly onTrack: (kind: StreamKind, track: MediaStreamTrack) => void;
  /** The phone was turned, or the camera changed its size. */
  readonly onPicture: (details: FrameDetails) => void;
  /** Another device was asked for and cannot be had; the former one goes on. */
  readonly onKept: (device: Device, error: CaptureError) => void;
  /** The person has chosen this one. */
  readonly onChosen: (device: Device, deviceId: string) => void;
  /** What was chosen before. */
  readonly preset: PresetName;
  readonly preferred: Partial<Record<Device, string>>;
}

/** From the encoder's beginning to its first media: it may try WebCodecs and MediaRecorder one after the other. */
export const FIRST_MEDIA_MS = 10_000;
/** Between sessions, a page that nobody has seen for so long lets go of camera and microphone. */
export const REST_MS = 60_000;

const MISSING: InputState = { kind: "missing" };
const DEVICE_OF = { video: "camera", audio: "microphone" } as const satisfies Record<StreamKind, Device>;
const DEVICES = ["camera", "microphone"] as const;

export class SessionDevices implements Devices {
  readonly media: Store<Media | null>;
  readonly camera = new Store<InputState>(MISSING);
  readonly microphone = new Store<InputState>(MISSING);
  readonly choices = new Store<DeviceChoices>({ cameras: [], microphones: [] });
  readonly torch: Store<Torch>;
  readonly zoom: Store<Zoom | null>;
  readonly muted: Store<boolean>;
  readonly screen = new Store<WakeLockState>("off");
  readonly #options: SessionDevicesOptions;
  readonly #access: DeviceAccess;
  readonly #media: SessionMedia;
  readonly #requests: DeviceRequests;
  #asks = 0;
  readonly #monitors: { camera?: Monitor; microphone?: Monitor } = {};
  readonly #leave: (() => void)[] = [];
  #isInSession = false;
  #isHidden = false;
  /** How often everything was let go: what was asked for before comes late. */
  #closes = 0;
  #stopRestTimer: () => void = () => {};
  #releaseScreen: () => void = () => {};
  #stopPictureWatch: () => void = () => {};
  #previewElement: HTMLVideoElement | null = null;

  constructor(options: SessionDevicesOptions) {
    this.#options = options;
    this.#access = options.access;
    this.#requests = new DeviceRequests(options);
    this.#requests.preset = options.preset;
    this.#requests.preferred = options.preferred;
    this.#media = new SessionMedia({
      access: options.access,
      onSound: (sound) => this.#monitors.microphone?.setSound(sound),
    });
    this.media = this.#media.media;
    this.torch = this.#media.torch;
    this.zoom = this.#media.zoom;
    this.muted = this.#media.muted;
  }

  /**
   * Asks for both devices at once. The first answer that gives any is taken, and what comes later is let go.
   *
   * @param without a device that the person goes on without.
   */
  async ask(onUnanswered: () => void, without?: Device): Promise<AskResult> {
    const own = ++this.#asks;
    const closes = this.#closes;
    const isNewest = () => own === this.#asks && closes === this.#closes && !this.media.get();
    const result = await this.#requests.acquire(() => isNewest() && onUnanswered(), without);
    if (result.kind === "refused") return isNewest() ? result.error : "late";
    if (this.media.get() || closes !== this.#closes) {
      for (const track of result.stream.getTracks()) track.stop();
      return "late";
    }
    this.#access.wereGiven.note();
    this.#adopt(result.stream, result.missingError);
    return "given";
  }

  /** A session begins: devices that were lost are opened again, and the screen is kept on. Call it from the tap. */
  beginSession(): void {
    this.#isInSession = true;
    this.#stopRestTimer();
    const { video } = this.media.get() ?? {};
    if (video) this.#watchPicture(video);
    this.#releaseScreen = this.#access.keepScreenOn((state) => this.screen.set(state));
    this.retry();
  }

  /** An encoder reads this kind's device from now on, or no longer. */
  expectMedia(kind: StreamKind, isExpected: boolean): void {
    this.#monitors[DEVICE_OF[kind]]?.expectMedia(isExpected && this.#isInSession, FIRST_MEDIA_MS);
  }

  /** Nothing is recorded any more. What is known of the devices stays. */
  endSession(): void {
    this.#isInSession = false;
    this.#monitors.camera?.expectMedia(false);
    this.#monitors.microphone?.expectMedia(false);
    this.#stopPictureWatch();
    this.#stopPictureWatch = () => {};
    this.#releaseScreen();
    this.#releaseScreen = () => {};
    if (this.#isHidden) this.#restSoon();
  }

  /** Encoded media of this kind came out: the truth about a device, whatever its events say. */
  noteMedia(kind: StreamKind, capturedTo: number): void {
    this.#monitors[DEVICE_OF[kind]]?.noteMedia(capturedTo);
  }

  /** Where the preview is shown: its size is that of the upright picture in every engine. */
  readonly setPreviewElement = (video: HTMLVideoElement | null): void => {
    this.#previewElement = video;
  };

  /** A tap, where coming back takes one. Between sessions it opens a missing device, too. */
  retry(): void {
    for (const device of DEVICES) {
      const state = this[device].get();
      const isLost = state.kind === "interrupted" && (state.needsTap || this.#hasEnded(device));
      const isWanted = state.kind === "missing" && !this.#isInSession;
      if (isLost || isWanted) this.#monitors[device]?.retry();
    }
    this.resumeSound();
  }

  /** Web Audio measures and hands on the microphone. Outside of a tap, engines may refuse it. */
  resumeSound(): void {
    this.#media.resumeSound();
  }

  /** Nobody listens: neither a meter nor an encoder. */
  suspendSound(): void {
    this.#media.suspendSound();
  }

  /** What the browser's settings say from now on. */
  permissionChanged(device: Device, states: PermissionStates): void {
    const state = states[device];
    const current = this[device].get();
    const monitor = this.#monitors[device];
    if (!state || !monitor) return;
    const wasRefused = current.kind === "missing" && current.error?.kind === "denied";
    if (state === "granted" && wasRefused && !this.#isInSession) monitor.retry();
    else monitor.permissionChanged(state);
  }

  /** To the camera on the other side. Where another request is under way, nothing happens. */
  async flip(): Promise<void> {
    const track = this.media.get()?.video;
    if (!track) return;
    const result = await this.#monitors.camera?.change(() => this.#requests.flip(track));
    this.#noteChoice("camera", result);
  }

  /** To this camera or microphone; opens one that was missing. Where another request is under way, nothing happens. */
  async choose(device: Device, deviceId: string): Promise<void> {
    const track = this.media.get()?.[KIND_OF[device]];
    if (track?.readyState === "live" && track.getSettings().deviceId === deviceId) return;
    const result = await this.#monitors[device]?.change(() => this.#requests.choose(device, deviceId, track));
    this.#noteChoice(device, result);
  }

  /** Another device was chosen, and is there or not. */
  #noteChoice(device: Device, result: ChangeResult | null | undefined): void {
    if (result?.kind !== "granted") return;
    const { deviceId } = result.track.getSettings();
    if (result.error) this.#options.onKept(device, result.error);
    else if (deviceId) this.#options.onChosen(device, deviceId);
  }

  async toggleTorch(): Promise<void> {
    await this.#media.toggleTorch();
  }

  /** @param value within the camera's range; where it has none, nothing happens. */
  setZoom(value: number): void {
    this.#media.setZoom(value);
  }

  toggleMuted(): void {
    this.#media.toggleMuted();
  }

  /** Asks the camera for the preset's picture. */
  async setPreset(preset: PresetName): Promise<void> {
    this.#requests.preset = preset;
    await this.media
      .get()
      ?.video?.applyConstraints(this.#requests.cameraConstraints())
      .catch(() => {});
  }

  /** Everything is let go, and what comes late, too. */
  close(): void {
    this.#closes++;
    this.#isInSession = false;
    this.#stopRestTimer();
    this.#stopPictureWatch();
    this.#releaseScreen();
    for (const leave of this.#leave.splice(0)) leave();
    for (const device of DEVICES) {
      this.#monitors[device]?.close();
      delete this.#monitors[device];
      this[device].set(MISSING);
    }
    this.#media.close();
  }

  #adopt(stream: MediaStream, error?: CaptureError): void {
    const { video, audio, sound } = this.#media.adopt(stream);
    this.#watch("camera", video, error);
    this.#watch("microphone", audio, error);
    this.#monitors.microphone?.setSound(sound);
    this.#leave.push(
      this.#access.watch((choices) => this.choices.set(choices)),
      this.#access.watchVisibility((isVisible) => this.#onVisibility(isVisible)),
    );
  }

  #watch(device: Device, track: MediaStreamTrack | null, error?: CaptureError): void {
    this[device].set(track ? { kind: "live" } : { kind: "missing", ...(error && { error }) });
    this.#monitors[device] = this.#access.monitor({
      track,
      ...(error && { error }),
      reopen: () => this.#requests.reopen(device, () => this.media.get()?.[KIND_OF[device]]),
      wouldAsk: () => this.#access.wouldAsk(device),
      onTrack: (next) => this.#replace(KIND_OF[device], next),
      onState: (state) => this[device].set(state),
    });
  }

  #replace(kind: StreamKind, track: MediaStreamTrack): void {
    const media = this.media.get();
    if (!media) return;
    this.#media.replace(media, kind, track);
    if (kind === "video" && this.#isInSession) this.#watchPicture(track);
    this.#options.onTrack(kind, track);
  }

  #watchPicture(track: MediaStreamTrack): void {
    this.#stopPictureWatch();
    this.#stopPictureWatch = this.#access.watchPicture({
      track,
      onChange: this.#options.onPicture,
      ...(this.#previewElement && { video: this.#previewElement }),
    });
  }

  #hasEnded(device: Device): boolean {
    return this.media.get()?.[KIND_OF[device]]?.readyState === "ended";
  }

  #onVisibility(isVisible: boolean): void {
    this.#isHidden = !isVisible;
    this.#stopRestTimer();
    if (!isVisible && !this.#isInSession) this.#restSoon();
  }

  #restSoon(): void {
    this.#stopRestTimer();
    this.#stopRestTimer = this.#options.clock.after(REST_MS, () => {
      if (this.#isInSession) return;
      for (const device of DEVICES) this.#monitors[device]?.rest();
      this.suspendSound();
    });
  }
}
