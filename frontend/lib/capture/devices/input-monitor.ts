import type { InterruptionCause, LevelSource } from "@/model/device";
import { type Clock, systemClock } from "../../clock";
import type { AudioInput } from "./audio-input";
import type { InputState } from "./input-state";
import type { OpenResult } from "./open-track";
import { type VisibilityPage, watchVisibility } from "./page-visibility";

export type { InputState };

export interface InputMonitorOptions {
  readonly track: MediaStreamTrack;
  /** Opens the device again; the old track has been stopped by then. */
  readonly reopen: () => Promise<OpenResult>;
  /** The device is back as another track: go on with it in a new segment. */
  readonly onTrack: (track: MediaStreamTrack) => void;
  readonly onState: (state: InputState) => void;
  /** The microphone's place in Web Audio, which a call interrupts, and its level, which tells silence. */
  readonly audio?: Pick<AudioInput, "state" | "onStateChange" | "resume">;
  readonly levels?: LevelSource;
  /** Nothing for this long from a live device is an interruption. MP4 recorders give something once a second only. */
  readonly stallMs?: number;
  readonly clock?: Clock;
  readonly page?: VisibilityPage;
  /** Where `devicechange` is told. */
  readonly mediaDevices?: Pick<MediaDevices, "addEventListener" | "removeEventListener">;
}

export const STALL_MS = 3_000;
/** iOS mutes a fresh track for a moment, without a reason: https://github.com/WebKit/WebKit/pull/28593 */
export const MUTE_DEBOUNCE_MS = 1_000;
export const SILENCE_MS = 5_000;
/** A call this long may have ended without a word (https://bugs.webkit.org/show_bug.cgi?id=208516): offer the tap. */
export const HELD_MS = 5_000;
const RETRY_MS = 1_000;
/** After so many attempts in a row a tap is needed: on iOS after a call, only a gesture brings the microphone back. */
const MAX_ATTEMPTS = 2;

/**
 * Watches one device of a running session: finds interruptions by the events that engines fire, and by watchdogs where
 * they fire none; opens the device again when it can. Tell it of every encoded chunk (`noteMedia`).
 */
export class InputMonitor {
  readonly #options: InputMonitorOptions;
  readonly #clock: Clock;
  readonly #page: VisibilityPage;
  #track: MediaStreamTrack;
  #current: InputState = { kind: "live" };
  /** When the newest media was captured, or when it began to be expected. */
  #mediaAt: number;
  #openedAt: number;
  #soundAt: number;
  #attempts = 0;
  #generation = 0;
  #stopStallWatch = () => {};
  #stopTimer = () => {};
  #stopDebounce: (() => void) | undefined;
  readonly #leave: (() => void)[] = [];
  #isClosed = false;

  constructor(options: InputMonitorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#page = options.page ?? { document, window };
    this.#track = options.track;
    this.#mediaAt = this.#soundAt = this.#openedAt = this.#clock.now();
    this.#leave.push(watchVisibility((isVisible) => this.#onVisibility(isVisible), this.#page));
    this.#watchSound();
    const { mediaDevices } = options;
    mediaDevices?.addEventListener("devicechange", this.#onDeviceChange);
    this.#leave.push(() => mediaDevices?.removeEventListener("devicechange", this.#onDeviceChange));
    this.#watchTrack(options.track);
    this.#watchForStall();
  }

  get state(): InputState {
    return this.#current;
  }

  /**
   * Encoded media came out: the truth about a device, whatever its events say.
   *
   * @param capturedTo the chunk's, where it is known. What an encoder still had of the track before does not prove that the new one works.
   */
  noteMedia(capturedTo = this.#clock.now()): void {
    this.#mediaAt = Math.max(this.#mediaAt, capturedTo);
    const isNews = capturedTo > this.#openedAt && !this.#isHeld();
    if (isNews && (this.#current.kind === "returning" || this.#current.kind === "interrupted")) {
      this.#stopTimer();
      this.#attempts = 0;
      this.#become({ kind: "live" });
    }
  }

  /** The person's tap on the button that `needsTap` asks for. */
  retry(): void {
    this.#attempts = 0;
    this.#reopen(this.#current.kind === "interrupted" ? this.#current.cause : "device-lost");
  }

  /** The device was changed on purpose (a flip, another microphone): watch this track from now on. */
  setTrack(track: MediaStreamTrack): void {
    this.#generation++;
    this.#unwatchTrack();
    this.#watchTrack(track);
    this.#attempts = 0;
    this.#mediaAt = this.#soundAt = this.#openedAt = this.#clock.now();
    this.#become({ kind: "live" });
  }

  close(): void {
    this.#isClosed = true;
    this.#generation++;
    this.#stopStallWatch();
    this.#stopTimer();
    this.#unwatchTrack();
    for (const leave of this.#leave.splice(0)) leave();
  }

  get #isAudio(): boolean {
    return this.#track.kind === "audio";
  }

  get #isVisible(): boolean {
    return this.#page.document.visibilityState === "visible";
  }

  /** Whether the system holds the device: what is encoded meanwhile is silence, or the last picture. */
  #isHeld(): boolean {
    return this.#track.muted || this.#options.audio?.state === "interrupted";
  }

  #become(state: InputState): void {
    if (this.#isClosed || JSON.stringify(state) === JSON.stringify(this.#current)) return;
    this.#current = state;
    this.#options.onState(state);
  }

  #watchTrack(track: MediaStreamTrack): void {
    this.#track = track;
    track.addEventListener("mute", this.#onMute);
    track.addEventListener("unmute", this.#onUnmute);
    track.addEventListener("ended", this.#onEnded);
  }

  #unwatchTrack(): void {
    this.#stopDebounce?.();
    this.#stopDebounce = undefined;
    this.#track.removeEventListener("mute", this.#onMute);
    this.#track.removeEventListener("unmute", this.#onUnmute);
    this.#track.removeEventListener("ended", this.#onEnded);
  }

  readonly #onMute = (): void => this.#suspectCall(() => this.#track.muted);

  readonly #onUnmute = (): void => {
    if (this.#current.kind !== "interrupted") return;
    // It says that it is back; the stall watch finds out whether it is.
    this.#mediaAt = this.#clock.now();
    this.#become({ kind: "returning", cause: this.#current.cause });
  };

  readonly #onEnded = (): void => {
    if (this.#isVisible) this.#reopen("device-lost");
    else this.#interrupt("hidden");
  };

  readonly #onDeviceChange = (): void => {
    const current = this.#current;
    if (current.kind !== "interrupted" || current.cause !== "device-lost" || !this.#isVisible) return;
    this.#attempts = 0;
    this.#reopen("device-lost");
  };

  #suspectCall(isStill: () => boolean): void {
    this.#stopDebounce ??= this.#clock.after(MUTE_DEBOUNCE_MS, () => {
      this.#stopDebounce = undefined;
      if (isStill()) this.#interrupt(this.#isVisible ? (this.#isAudio ? "call" : "taken") : "hidden");
    });
  }

  #watchSound(): void {
    const { audio, levels } = this.#options;
    if (audio) {
      this.#leave.push(
        audio.onStateChange((state) => {
          if (state === "interrupted") this.#suspectCall(() => audio.state === "interrupted");
          else if (state === "running") this.#onUnmute();
        }),
      );
    }
    if (levels) this.#leave.push(levels.subscribe(({ peak }) => this.#onPeak(peak)));
  }

  #onPeak(peak: number): void {
    const now = this.#clock.now();
    // Muted on purpose is silent too, and nothing to tell.
    if (peak > 0 || !this.#track.enabled || this.#current.kind === "interrupted") {
      this.#soundAt = now;
      if (this.#current.kind === "silent") this.#become({ kind: "live" });
    } else if (this.#current.kind === "live" && now - this.#soundAt >= SILENCE_MS) {
      this.#become({ kind: "silent" });
    }
  }

  #onVisibility(isVisible: boolean): void {
    if (!isVisible) return;
    // A call that took the sound gives it back only when it is asked for.
    this.#options.audio?.resume().catch(() => {});
    const track = this.#track;
    const current = this.#current;
    const isSuspect = track.readyState === "ended" || track.muted || current.kind === "interrupted";
    const cause = current.kind === "interrupted" ? current.cause : "hidden";
    if (isSuspect) {
      this.#attempts = 0;
      this.#reopen(cause);
    } else {
      // Nobody counted while it was hidden: from now on.
      this.#mediaAt = this.#clock.now();
    }
  }

  #watchForStall(): void {
    const stallMs = this.#options.stallMs ?? STALL_MS;
    this.#stopStallWatch = this.#clock.after(stallMs / 4, () => {
      this.#watchForStall();
      const isExpected =
        this.#current.kind === "live" ||
        this.#current.kind === "silent" ||
        this.#current.kind === "returning";
      if (!isExpected || this.#clock.now() - this.#mediaAt < stallMs) return;
      if (!this.#isVisible) this.#interrupt("hidden");
      else if (this.#track.muted) this.#interrupt(this.#isAudio ? "call" : "taken");
      else this.#reopen(this.#isAudio ? "no-audio" : "no-frames");
    });
  }

  #interrupt(cause: InterruptionCause): void {
    this.#become({ kind: "interrupted", cause, needsTap: false });
    this.#stopTimer();
    if (cause === "hidden") return;
    this.#stopTimer = this.#clock.after(HELD_MS, () => {
      if (this.#current.kind === "interrupted") this.#become({ kind: "interrupted", cause, needsTap: true });
    });
  }

  #reopen(cause: InterruptionCause): void {
    if (this.#isClosed) return;
    this.#stopTimer();
    if (this.#attempts >= MAX_ATTEMPTS) {
      this.#become({ kind: "interrupted", cause, needsTap: true });
      return;
    }
    this.#attempts++;
    const generation = ++this.#generation;
    this.#become({ kind: "returning", cause });
    this.#mediaAt = this.#clock.now();
    // The recorder's tail of the old track is still to come, and must not pass for the new one.
    this.#openedAt = Number.POSITIVE_INFINITY;
    this.#unwatchTrack();
    // First: Safari ends the new track "due to a capture failure" while the old one is there.
    this.#track.stop();
    void this.#options.reopen().then((result) => {
      if (generation !== this.#generation) {
        // Closed, or chosen anew, in the meantime.
        if (result.kind === "granted") result.track.stop();
        return;
      }
      if (result.kind === "granted") {
        this.#watchTrack(result.track);
        this.#mediaAt = this.#soundAt = this.#openedAt = this.#clock.now();
        this.#options.onTrack(result.track);
      } else if (this.#attempts < MAX_ATTEMPTS) {
        this.#stopTimer = this.#clock.after(RETRY_MS, () => this.#reopen(cause));
      } else {
        this.#become({ kind: "interrupted", cause, needsTap: true, error: result.error });
      }
    });
  }
}
