/**
 * What happens to a device while it is in use, done to the tracks that the page was given: no engine has a way to
 * unplug its fake devices. Functions named `inPage...` run in the page and use nothing from outside themselves.
 */
import type { StreamKind } from "twincast";
import type { Ui } from "./ui.ts";

type WithTracks = typeof globalThis & { tracksGiven?: MediaStreamTrack[] };

/** Remembers every track that the page is given from now on. Call it before camera and microphone are asked for. */
export async function watchTracks(ui: Ui): Promise<void> {
  await ui.evaluate(inPageWatchTracks, null);
}

/** Ends the running track of this kind, as if its device had been unplugged. */
export async function loseDevice(ui: Ui, kind: StreamKind): Promise<void> {
  await ui.evaluate(inPageLoseDevice, kind);
}

/** Mutes the running track of this kind as a phone call does, or gives it back. */
export async function holdDevice(ui: Ui, kind: StreamKind, held: boolean): Promise<void> {
  if (ui.hold) await ui.hold(kind, held);
  else await ui.evaluate(inPageHoldDevice, { kind, held });
}

/** Has the microphone be silent for every other moment from now on, where the engine's fake one never pauses. */
export async function pauseSoundNowAndThen(ui: Ui): Promise<void> {
  await ui.evaluate(inPagePauseSoundNowAndThen, null);
}

function inPagePauseSoundNowAndThen(): void {
  const track = (globalThis as WithTracks).tracksGiven?.findLast((one) => one.kind === "audio");
  if (!track) throw new Error("No microphone was given.");
  setInterval(() => {
    track.enabled = !track.enabled;
  }, 300);
}

function inPageWatchTracks(): void {
  // The prototype, not the object: WebKit may collect `navigator.mediaDevices`, and what was written onto it is gone.
  const { prototype } = MediaDevices;
  const { getUserMedia } = prototype;
  const given: MediaStreamTrack[] = [];
  (globalThis as WithTracks).tracksGiven = given;
  prototype.getUserMedia = async function (constraints) {
    const stream = await getUserMedia.call(this, constraints);
    given.push(...stream.getTracks());
    return stream;
  };
}

function inPageLoseDevice(kind: StreamKind): void {
  const track = (globalThis as WithTracks).tracksGiven?.findLast((one) => one.kind === kind);
  if (track?.readyState !== "live") throw new Error(`No ${kind} track is live.`);
  track.stop();
  // A page that stops a track itself gets no event for it: https://w3c.github.io/mediacapture-main/#track-ended
  track.dispatchEvent(new Event("ended"));
}

function inPageHoldDevice({ kind, held }: { kind: StreamKind; held: boolean }): void {
  const track = (globalThis as WithTracks).tracksGiven?.findLast((one) => one.kind === kind);
  if (track?.readyState !== "live") throw new Error(`No ${kind} track is live.`);
  Object.defineProperty(track, "muted", { configurable: true, get: () => held });
  track.dispatchEvent(new Event(held ? "mute" : "unmute"));
}

/** From now on a camera opens only while no track or clone of another one is live, as on many phones. */
export async function openOneCameraAtATime(ui: Ui): Promise<void> {
  await ui.evaluate(inPageOpenOneCameraAtATime, null);
}

/** Another app has the camera from now on, or gives it back. */
export async function takeCamera(ui: Ui, isTaken: boolean): Promise<void> {
  await ui.evaluate(inPageTakeCamera, isTaken);
}

/** How many tracks of this kind are live, clones of them included; see `openOneCameraAtATime`. */
export async function liveTracks(ui: Ui, kind: StreamKind): Promise<number> {
  return ui.evaluate(inPageLiveTracks, kind);
}

type WithCameras = typeof globalThis & { everyTrack?: MediaStreamTrack[]; isCameraTaken?: boolean };

function inPageOpenOneCameraAtATime(): void {
  const { prototype } = MediaDevices;
  const { getUserMedia } = prototype;
  const { clone } = MediaStreamTrack.prototype;
  const every: MediaStreamTrack[] = [];
  const page = globalThis as WithCameras;
  page.everyTrack = every;
  MediaStreamTrack.prototype.clone = function () {
    const cloned = clone.call(this);
    every.push(cloned);
    return cloned;
  };
  prototype.getUserMedia = async function (constraints) {
    const refusal = () => new DOMException("Could not start video source", "NotReadableError");
    if (constraints?.video && page.isCameraTaken) throw refusal();
    const stream = await getUserMedia.call(this, constraints);
    const [camera] = stream.getVideoTracks();
    const id = camera?.getSettings().deviceId;
    const isOther = (track: MediaStreamTrack) =>
      track.kind === "video" && track.readyState === "live" && track.getSettings().deviceId !== id;
    if (camera && every.some(isOther)) {
      for (const track of stream.getTracks()) track.stop();
      throw refusal();
    }
    every.push(...stream.getTracks());
    return stream;
  };
}

function inPageTakeCamera(isTaken: boolean): void {
  (globalThis as WithCameras).isCameraTaken = isTaken;
}

function inPageLiveTracks(kind: StreamKind): number {
  const every = (globalThis as WithCameras).everyTrack ?? [];
  return every.filter((track) => track.kind === kind && track.readyState === "live").length;
}
