import { type Clock, systemClock } from "../../clock";
import type { InterruptionCause } from "../../model/device";
import type { CaptureError } from "../../model/permission";
import type { InputState } from "./input-state";
import type { ChangeResult, OpenResult } from "./open-track";
import { type VisibilityPage, watchVisibility } from "./page-visibility";
import { SingleRequest } from "./single-request";
import { SoundWatch, type WatchedSound } from "./sound-watch";
import { StallWatch } from "./stall-watch";

export type { InputState };

export interface InputMonitorOptions {
  /** Null when the device could not be had. */
  readonly track: MediaStreamTrack | null;
  /** Why it could not be had. */
  readonly error?: CaptureError;
  /** Opens the device again; the old track has been stopped by then. Never rejects. */
  readonly reopen: () => Promise<OpenResult>;
  /** Whether a request would make the browser ask the person. Never rejects. */
  readonly wouldAsk?: () => Promise<boolean>;
  /** The device is there as another track: go on with it in a new segment. */
  readonly onTrack: (track: MediaStreamTrack) => void;
  readonly onState: (state: InputState) => void;
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
/** A call this long may have ended without a word (https://bugs.webkit.org/show_bug.cgi?id=208516): offer the tap. */
export const HELD_MS = 5_000;
const RETRY_MS = 1_000;
/** After so many attempts in a row a tap is needed: on iOS after a call, only a gesture brings the microphone back. */
const MAX_ATTEMPTS = 2;
/** A device that was there for so long was no part of a row of attempts. */
const STABLE_MS = 10_000;

/**
 * Watches one device from the permission on, and is the only one to open it again: one request at a time. It finds
 * interruptions by the events that engines fire; while an encoder should give something (`expectMedia`), also by
 * watchdogs where they fire none. Tell it of every encoded chunk (`noteMedia`).
 */
export class InputMonitor {
  readonly #options: InputMonitorOptions;
  readonly #clock: Clock;
  readonly #page: VisibilityPage;
  #track: MediaStreamTrack | null = null;
  #current: InputState;
  readonly #sound: SoundWatch;
  readonly #stall: StallWatch;
  /** The page needs no device for now: whatever was opened is let go. */
  #isResting = false;
  readonly #requests = new SingleRequest();
  #openedAt: number;
  #attempts = 0;
  #stopTimer = () => {};
  #stopDebounce: (() => void) | undefined;
  readonly #leave: (() => void)[] = [];
  #isClosed = false;

  constructor(options: InputMonitorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#page = options.page ?? { document, window };
    const { track, error, mediaDevices } = options;
    this.#current = track ? { kind: "live" } : { kind: "missing", ...(error && { error }) };
    this.#openedAt = this.#clock.now();
    const { stallMs = STALL_MS } = options;
    this.#stall = new StallWatch({ stallMs, clock: this.#clock, onStall: () => this.#onStall() });
    this.#sound = new SoundWatch({
      clock: this.#clock,
      isExpectedToSound: () =>
        this.#track?.enabled === true && (this.#current.kind === "live" || this.#current.kind === "silent"),
      onSilence: (isSilent) => {
        if (isSilent) this.#become({ kind: "silent" });
        else if (this.#current.kind === "silent") this.#become({ kind: "live" });
      },
      onInterrupted: () => this.#suspectCall(() => this.#sound.isInterrupted),
      onRunning: () => this.#onUnmute(),
    });
    this.#leave.push(watchVisibility((isVisible) => this.#onVisibility(isVisible), this.#page));
    mediaDevices?.addEventListener("devicechange", this.#onDeviceChange);
    this.#leave.push(() => mediaDevices?.removeEventListener("devicechange", this.#onDeviceChange));
    if (track) this.#watchTrack(track);
  }

  get state(): InputState {
    return this.#current;
  }

  /** Where the sound of now is heard; null where it cannot be. */
  setSound(sound: WatchedSound | null): void {
    if (this.#isClosed) this.#sound.close();
    else this.#sound.watch(sound, this.#stall.isExpecting);
  }

  /**
   * An encoder reads this device from now on, or no longer: without one, that no media comes is no fault of its device.
   *
   * @param firstWithinMs how long the encoder may take to begin.
   */
  expectMedia(isExpected: boolean, firstWithinMs = STALL_MS): void {
    if (this.#isClosed) return;
    const wasExpected = this.#stall.isExpecting;
    this.#stall.expect(isExpected, firstWithinMs);
    if (isExpected === wasExpected) return;
    // Whether a device that is open gives anything can be told only by what is encoded.
    if (!isExpected && (this.#current.kind === "silent" || this.#isUnproven)) this.#become({ kind: "live" });
    this.#sound.watchAgain(this.#stall.isExpecting);
  }

  /**
   * Encoded media came out: the truth about a device, whatever its events say.
   *
   * @param capturedTo the chunk's, where it is known. What an encoder still had of the track before does not prove that the new one works.
   */
  noteMedia(capturedTo = this.#clock.now()): void {
    this.#stall.note(capturedTo);
    const isOpen = this.#track?.readyState === "live" && !this.#isRequesting && !this.#isHeld();
    const isNews = capturedTo > this.#openedAt && isOpen;
    if (isNews && (this.#current.kind === "returning" || this.#current.kind === "interrupted")) {
      this.#stopTimer();
      this.#attempts = 0;
      this.#become({ kind: "live" });
    }
  }

  /** The person's tap on the button that `needsTap` asks for, or that opens a missing device. */
  retry(): void {
    this.#attempts = 0;
    this.#isResting = false;
    this.#reopen(this.#current.kind === "interrupted" ? this.#current.cause : "device-lost");
  }

  /**
   * Changes the device on purpose. Nothing happens while a request for it is under way.
   *
   * @param open opens the other one, and ends the track of now first. Never rejects.
   */
  async change(open: () => Promise<ChangeResult>): Promise<ChangeResult | null> {
    if (this.#isClosed || this.#isRequesting || this.#isResting) return null;
    this.#stopTimer();
    this.#unwatchTrack();
    this.#become({ kind: "flipping" });
    const result = await this.#request(open);
    if (result?.kind === "granted") {
      this.#attempts = 0;
      this.#take(result.track, { kind: "live" });
    } else if (result && !this.#track) {
      this.#become({ kind: "missing", error: result.error });
    } else if (result) {
      this.#become({ kind: "interrupted", cause: "device-lost", needsTap: true, error: result.error });
    }
    return result;
  }

  /** What the browser's settings say of this device from now on. */
  permissionChanged(state: PermissionState): void {
    const current = this.#current;
    switch (state) {
      case "denied":
        // Who asks meanwhile is told by the answer.
        if (this.#isClosed || this.#isRequesting || !this.#track) return;
        this.#stopTimer();
        this.#letGo();
        this.#become({ kind: "interrupted", cause: "refused", needsTap: true, error: this.#denied });
        return;
      case "granted": {
        const isRefused = current.kind === "interrupted" && current.error?.kind === "denied";
        if (isRefused && this.#isVisible) this.retry();
        return;
      }
      case "prompt":
        // The engine ends the track, or lets it go on until the page is left.
        return;
    }
  }

  /** Lets go of the device until the page is seen again. */
  rest(): void {
    if (this.#isClosed || this.#isResting || !this.#track) return;
    this.#isResting = true;
    this.#stopTimer();
    this.#letGo();
    this.#become({ kind: "interrupted", cause: "hidden", needsTap: false });
  }

  close(): void {
    this.#isClosed = true;
    this.#requests.forget();
    this.#stall.close();
    this.#stopTimer();
    this.#unwatchTrack();
    this.#sound.close();
    for (const leave of this.#leave.splice(0)) leave();
  }

  get #isRequesting(): boolean {
    return this.#requests.isOpen;
  }

  get #isAudio(): boolean {
    return this.#track?.kind === "audio";
  }

  get #isVisible(): boolean {
    return this.#page.document.visibilityState === "visible";
  }

  /** Whether it is open again and waits for media to prove it. */
  get #isUnproven(): boolean {
    return this.#current.kind === "returning" && !this.#isRequesting && this.#track?.readyState === "live";
  }

  get #denied(): CaptureError {
    return { kind: "denied", device: this.#isAudio ? "microphone" : "camera" };
  }

  /** Whether the system holds the device: what is encoded meanwhile is silence, or the last picture. */
  #isHeld(): boolean {
    return this.#track?.muted === true || this.#sound.isInterrupted;
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
    if (track.readyState === "ended") this.#onEnded();
    else if (track.muted) this.#onMute();
  }

  #unwatchTrack(): void {
    this.#stopDebounce?.();
    this.#stopDebounce = undefined;
    this.#track?.removeEventListener("mute", this.#onMute);
    this.#track?.removeEventListener("unmute", this.#onUnmute);
    this.#track?.removeEventListener("ended", this.#onEnded);
  }

  #letGo(): void {
    this.#unwatchTrack();
    this.#track?.stop();
  }

  readonly #onMute = (): void => this.#suspectCall(() => this.#track?.muted === true);

  readonly #onUnmute = (): void => {
    if (this.#current.kind !== "interrupted" || this.#track?.readyState !== "live" || this.#isHeld()) return;
    this.#stopTimer();
    // It says that it is back; the stall watch finds out whether it is.
    this.#stall.restart();
    this.#become(
      this.#stall.isExpecting ? { kind: "returning", cause: this.#current.cause } : { kind: "live" },
    );
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
      if (isStill() && !this.#isRequesting && !this.#isResting)
        this.#interrupt(this.#isVisible ? (this.#isAudio ? "call" : "taken") : "hidden");
    });
  }

  #onVisibility(isVisible: boolean): void {
    if (!isVisible) return;
    this.#sound.resume();
    this.#isResting = false;
    const track = this.#track;
    const current = this.#current;
    const isSuspect = track?.readyState === "ended" || track?.muted || current.kind === "interrupted";
    const cause = current.kind === "interrupted" ? current.cause : "hidden";
    if (isSuspect) {
      this.#attempts = 0;
      this.#reopen(cause);
    } else {
      // Nobody counted while it was hidden: from now on.
      this.#stall.restart();
    }
  }

  #onStall(): void {
    const { kind } = this.#current;
    const isExpected = kind === "live" || kind === "silent" || kind === "returning";
    // A request that is under way has its own end, and a prompt that is open is not asked twice.
    if (!isExpected || this.#isRequesting) return;
    if (!this.#isVisible) this.#interrupt("hidden");
    else if (this.#track?.muted) this.#interrupt(this.#isAudio ? "call" : "taken");
    else this.#reopen(this.#isAudio ? "no-audio" : "no-frames");
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
    if (this.#isClosed || this.#isRequesting || this.#isResting) return;
    this.#stopTimer();
    if (this.#clock.now() - this.#openedAt > STABLE_MS) this.#attempts = 0;
    if (this.#attempts >= MAX_ATTEMPTS) {
      this.#become({ kind: "interrupted", cause, needsTap: true });
      return;
    }
    this.#attempts++;
    this.#become({ kind: "returning", cause });
    // First: Safari ends the new track "due to a capture failure" while the old one is there.
    this.#letGo();
    void this.#open(cause);
  }

  async #open(cause: InterruptionCause): Promise<void> {
    void this.#tellWhetherAsked();
    const result = await this.#request(this.#options.reopen);
    if (result?.kind === "granted") {
      // What is encoded proves it; where nothing is, its word is taken.
      this.#take(result.track, this.#stall.isExpecting ? { kind: "returning", cause } : { kind: "live" });
    } else if (result && !this.#track) {
      this.#become({ kind: "missing", error: result.error });
    } else if (result?.error.kind === "denied") {
      this.#become({ kind: "interrupted", cause: "refused", needsTap: true, error: result.error });
    } else if (result && this.#attempts < MAX_ATTEMPTS) {
      this.#stopTimer = this.#clock.after(RETRY_MS, () => this.#reopen(cause));
    } else if (result) {
      this.#become({ kind: "interrupted", cause, needsTap: true, error: result.error });
    }
  }

  async #tellWhetherAsked(): Promise<void> {
    const isStill = this.#requests.expectNext();
    const isAsked = await this.#options.wouldAsk?.();
    if (isAsked && isStill() && this.#current.kind === "returning")
      this.#become({ kind: "returning", cause: "asking" });
  }

  /** @returns null when nobody waits for the answer any more. */
  #request(open: () => Promise<ChangeResult>): Promise<ChangeResult | null> {
    // The recorder's tail of the old track is still to come, and must not pass for the new one.
    this.#openedAt = Number.POSITIVE_INFINITY;
    return this.#requests.make(open, () => !this.#isResting);
  }

  #take(track: MediaStreamTrack, state: InputState): void {
    this.#opened(track);
    this.#become(state);
    this.#options.onTrack(track);
  }

  #opened(track: MediaStreamTrack): void {
    this.#openedAt = this.#clock.now();
    this.#stall.restart();
    this.#watchTrack(track);
  }
}
