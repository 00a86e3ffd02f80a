/**
 * What happens to a device while it is in use, done to the tracks that the page was given: no engine has a way to
 * unplug its fake devices. Functions named `inPage...` run in the page and use nothing from outside themselves.
 */
import type { StreamKind } from "./recording.ts";
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
  await ui.evaluate(inPageHoldDevice, { kind, held });
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
