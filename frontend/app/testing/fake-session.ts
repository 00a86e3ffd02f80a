/**
 * A session that is the product's own, with nothing behind it: no devices, no workers, no network. Its stores are set
 * from outside, and the page shows them as it would in earnest.
 */

import type { DeviceChoices, Facing, SessionEvent } from "twincast";
import {
  AudioInput,
  backendAddress,
  type DeviceAccess,
  type ControllerMedia as Media,
  noTokens,
  type SenderStatus,
  SessionController,
  type StreamSession,
  streamQuality,
  streamStatus,
  systemClock,
  type WorkerEnvironment,
} from "twincast/testing";
import { mockCamera, type Scene } from "@/components/mocks/camera";
import { mockMicrophone, silence, speech } from "@/components/mocks/microphone";
import { isStill } from "@/components/mocks/still";
import { Announcer } from "../telling";

/** The scheme and host that the page of a story believes to be at. */
export const PAGE_ORIGIN = "https://twincast.example.com";

/** Where the clock stands still in tests, ms since the epoch. */
const STILL_AT = Date.UTC(2026, 10, 22, 18, 30);

const CHOICES: DeviceChoices = {
  cameras: [
    { deviceId: "front", label: "Front camera" },
    { deviceId: "back", label: "Back camera" },
    { deviceId: "wide", label: "Back ultra wide camera" },
  ],
  microphones: [
    { deviceId: "built-in", label: "iPhone microphone" },
    { deviceId: "headset", label: "AirPods Pro" },
  ],
};

export function fakeSession(): { readonly session: SessionController; readonly announcer: Announcer } {
  const session = new SessionController({
    backend: backendAddress("https://backend.example.com", PAGE_ORIGIN),
    checkBackend: async () => "answers",
    userAgent: "",
    devices: NO_DEVICES,
    workers: NO_WORKERS,
    tier: "auto",
    now: isStill() ? () => STILL_AT : systemClock.now,
    newSessionId: () => "00000000-0000-4000-8000-000000000000",
    fetchTokens: noTokens,
  });
  session.backend.set("answers");
  return { session, announcer: new Announcer(session) };
}

/** For ever about to open: pressing Start shows what starting looks like. */
const NO_WORKERS: WorkerEnvironment = {
  clock: systemClock,
  openWorker: () => ({ post: () => {}, close: () => {} }),
  openOnPage: () => new Promise(() => {}),
  loadCapture: () => new Promise(() => {}),
};

/** Nothing is asked of a browser. */
const NO_DEVICES: DeviceAccess = {
  acquire: async () => ({ kind: "refused", error: { kind: "dismissed" } }),
  open: async () => ({ kind: "refused", error: { kind: "dismissed" } }),
  flip: async (track) => ({ kind: "kept", track, error: { kind: "dismissed" } }),
  openSound: () => null,
  previewOf: (track) => new MediaStream([track]),
  watch: () => () => {},
  watchPicture: () => () => {},
  wouldAsk: async () => false,
  watchPermissions: () => () => {},
  watchVisibility: () => () => {},
  wereGiven: { get: () => false, note: () => {} },
  monitor: () => ({
    change: async () => null,
    close: () => {},
    expectMedia: () => {},
    noteMedia: () => {},
    permissionChanged: () => {},
    rest: () => {},
    retry: () => {},
    setSound: () => {},
  }),
  keepScreenOn: () => () => {},
};

export interface FakeDevices {
  /** What the camera sees; null for a device that is not there. */
  readonly scene: Scene | null;
  readonly facing?: Facing;
  readonly hasMicrophone?: boolean;
  readonly isSilent?: boolean;
}

/** Gives the session a camera made of a canvas and a microphone that speaks. @returns what ends them. */
export function giveDevices(session: SessionController, options: FakeDevices): () => void {
  const { scene, facing = "user", hasMicrophone = true, isSilent = false } = options;
  const camera = scene && mockCamera(scene, facing === "user" ? "front" : "back");
  const microphone = hasMicrophone ? openMicrophone(isSilent) : null;
  session.devices.choices.set({
    cameras: camera ? CHOICES.cameras : [],
    microphones: microphone ? CHOICES.microphones : [],
  });
  session.devices.media.set({
    video: camera?.stream.getVideoTracks()[0] ?? null,
    audio: microphone?.track ?? null,
    preview: camera?.stream ?? null,
    facing,
    sound: microphone?.sound ?? null,
  });
  session.devices.camera.set({ kind: camera ? "live" : "missing" });
  session.devices.microphone.set({ kind: microphone ? "live" : "missing" });
  return () => {
    camera?.stop();
    void microphone?.sound.input.close();
  };
}

function openMicrophone(isSilent: boolean): { track: MediaStreamTrack; sound: NonNullable<Media["sound"]> } {
  const [track] = new MediaStreamAudioDestinationNode(new AudioContext()).stream.getAudioTracks();
  if (!track) throw new Error("Web Audio gave no track.");
  track.getSettings = () => ({ deviceId: "built-in" });
  const level = { ...mockMicrophone(isSilent ? silence : speech), close: () => {} };
  return { track, sound: { input: new AudioInput(track), level } };
}

/** Shows what the stream's worker reports, as the product does: words and figures are made from it. */
export function report(
  stream: StreamSession,
  sender: SenderStatus,
  lastMinute: { readonly ratesKBps: readonly number[]; readonly delaysMs: readonly number[] },
): void {
  stream.status.set(streamStatus(sender));
  stream.quality.set(streamQuality(sender));
  stream.rateKBps.value.set(sender.bytesPerSecond / 1_000);
  stream.rateKBps.samples.set(lastMinute.ratesKBps);
  stream.delayMs.value.set(sender.delays?.medianMs ?? null);
  stream.delayMs.samples.set(sender.delays ? lastMinute.delaysMs : []);
  stream.delayP95Ms.set(sender.delays?.p95Ms ?? null);
  stream.keptBytes.set(sender.keptBytes);
  stream.keptMs.set(sender.keptMs);
  stream.acknowledgedBytes.set(sender.bytes);
  stream.roundTripMs.set(sender.rttMs);
  stream.chunks.set(sender.chunks);
  stream.gaps.set(sender.gaps.length);
}

/** Tells what happened, as the session does. */
export function happen(session: SessionController, ...events: readonly SessionEvent[]): void {
  for (const event of events) session.events.tell(event);
}
