/**
 * Tracks, streams and devices that do what a test says. Only what capture touches is there; the casts to the DOM's
 * types are in this one file.
 */

import type { Device } from "../../model/device";
import type { StreamKind } from "../../model/stream";
import type { FakeClock } from "../../testing/fake-clock";
import type { DeviceEnvironment } from "../devices/device-environment";

export class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = "live";
  muted = false;
  enabled = true;
  settings: MediaTrackSettings = {};
  capabilities: MediaTrackCapabilities = {};
  applied: MediaTrackConstraints[] = [];
  readonly kind: StreamKind;
  readonly label: string;

  constructor(kind: StreamKind, label = "") {
    super();
    this.kind = kind;
    this.label = label;
  }

  stop(): void {
    this.readyState = "ended";
  }

  getSettings(): MediaTrackSettings {
    return this.settings;
  }

  getCapabilities(): MediaTrackCapabilities {
    return this.capabilities;
  }

  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.applied.push(constraints);
  }

  /** The engine ends the track: `readyState` and the event. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  get asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

export function fakeStream(...tracks: FakeTrack[]): MediaStream {
  const of = (kind: string) => tracks.filter((track) => track.kind === kind);
  const stream = {
    getTracks: () => tracks,
    getVideoTracks: () => of("video"),
    getAudioTracks: () => of("audio"),
  };
  return stream as unknown as MediaStream;
}

export function domError(name: string, message = "", constraint?: string): Error {
  return Object.assign(new Error(message), { name, ...(constraint !== undefined && { constraint }) });
}

type Answer = "grant" | "never" | Error;

/** A browser whose `getUserMedia` answers as told, call by call; the last answer repeats. */
export class FakeDevices {
  readonly requests: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  answers: Answer[] = ["grant"];
  present: Record<Device, number> = { camera: 1, microphone: 1 };
  permissions: Record<Device, PermissionState> = { camera: "prompt", microphone: "prompt" };
  /** Settles the call that answered `never`. */
  lateGrant: () => void = () => {};

  environment(clock: FakeClock, overrides: Partial<DeviceEnvironment> = {}): DeviceEnvironment {
    return {
      mediaDevices: {
        getUserMedia: (asked) => this.#getUserMedia(asked),
        enumerateDevices: async () => this.#list(),
      },
      queryPermission: async (device) => this.permissions[device],
      navigator: { userAgent: "" },
      isSecureContext: true,
      hasEncoder: true,
      clock,
      ...overrides,
    };
  }

  #getUserMedia(asked: MediaStreamConstraints = {}): Promise<MediaStream> {
    this.requests.push(asked);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    const grant = () => {
      const kinds = (["video", "audio"] as const).filter((kind) => asked[kind]);
      const tracks = kinds.map((kind) => new FakeTrack(kind));
      this.tracks.push(...tracks);
      return fakeStream(...tracks);
    };
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer === "grant") return Promise.resolve(grant());
    return new Promise((resolve) => {
      this.lateGrant = () => resolve(grant());
    });
  }

  #list(): MediaDeviceInfo[] {
    const of = (kind: MediaDeviceKind, count: number) => Array.from({ length: count }, () => ({ kind }));
    const all = [...of("videoinput", this.present.camera), ...of("audioinput", this.present.microphone)];
    return all as MediaDeviceInfo[];
  }
}
