/** The tracks that a session's devices give, with what hangs on a track: preview, Web Audio, light, mute. */

import { facingOf } from "../capture";
import { hasTorch, setTorch, setZoom, zoomOf } from "../capture/devices";
import type { Facing, Torch, Zoom } from "../model/device";
import type { StreamKind } from "../model/stream";
import type { DeviceAccess, Sound } from "./device-access";
import { Store } from "./store";

/** What the devices give now. At least one of the tracks is there; one that ended is being opened again. */
export interface Media {
  readonly video: MediaStreamTrack | null;
  readonly audio: MediaStreamTrack | null;
  /** The picture alone, for the preview. */
  readonly preview: MediaStream | null;
  readonly facing: Facing;
  readonly sound: Sound | null;
}

export interface SessionMediaOptions {
  readonly access: Pick<DeviceAccess, "openSound" | "previewOf">;
  /** Web Audio could not follow to another microphone: this hears it from now on. */
  readonly onSound: (sound: Sound | null) => void;
}

export class SessionMedia {
  readonly media = new Store<Media | null>(null);
  readonly torch = new Store<Torch>("none");
  readonly zoom = new Store<Zoom | null>(null);
  readonly muted = new Store(false);
  readonly #options: SessionMediaOptions;
  #isZooming = false;

  constructor(options: SessionMediaOptions) {
    this.#options = options;
  }

  /** Takes what was asked for. */
  adopt(stream: MediaStream): Media {
    const [video = null] = stream.getVideoTracks();
    const [audio = null] = stream.getAudioTracks();
    if (audio) this.#applyMuted(audio);
    const sound = audio && this.#options.access.openSound(audio);
    const media = {
      video,
      audio,
      preview: video && this.#options.access.previewOf(video),
      facing: video ? facing(video) : "user",
      sound,
    } as const;
    this.media.set(media);
    this.torch.set(video && hasTorch(video) ? "off" : "none");
    this.zoom.set(video && zoomOf(video));
    return media;
  }

  /** Another track carries this kind. */
  replace(media: Media, kind: StreamKind, track: MediaStreamTrack): void {
    if (kind === "video") {
      this.media.set({
        ...media,
        video: track,
        preview: this.#options.access.previewOf(track),
        facing: facing(track),
      });
      this.torch.set(hasTorch(track) ? "off" : "none");
      this.zoom.set(zoomOf(track));
    } else {
      this.#applyMuted(track);
      this.media.set({ ...media, audio: track, sound: this.#follow(media.sound, track) });
    }
  }

  /** Web Audio measures and hands on the microphone. Outside of a tap, engines may refuse it. */
  resumeSound(): void {
    this.media
      .get()
      ?.sound?.input.resume()
      .catch(() => {});
  }

  /** Nobody listens: neither a meter nor an encoder. */
  suspendSound(): void {
    this.media
      .get()
      ?.sound?.input.suspend()
      .catch(() => {});
  }

  async toggleTorch(): Promise<void> {
    const track = this.media.get()?.video;
    const torch = this.torch.get();
    if (!track || torch === "none") return;
    let now: Torch = torch === "off" ? "on" : "off";
    try {
      await setTorch(track, torch === "off");
    } catch {
      // The camera changed its mind about having one.
      now = "none";
    }
    // Another camera has another light.
    if (this.media.get()?.video === track) this.torch.set(now);
  }

  /** Shown at once; the camera follows, one request after the other, and what comes meanwhile is asked last. */
  setZoom(value: number): void {
    const zoom = this.zoom.get();
    if (!zoom) return;
    this.zoom.set({ ...zoom, value: Math.min(zoom.max, Math.max(zoom.min, value)) });
    if (!this.#isZooming) void this.#followZoom();
  }

  async #followZoom(): Promise<void> {
    this.#isZooming = true;
    try {
      for (let asked: number | null = null; ; ) {
        const track = this.media.get()?.video;
        const zoom = this.zoom.get();
        if (!track || !zoom || zoom.value === asked) return;
        asked = zoom.value;
        await setZoom(track, asked, this.torch.get() === "on");
      }
    } catch {
      // The camera changed its mind about having one.
      this.zoom.set(null);
    } finally {
      this.#isZooming = false;
    }
  }

  toggleMuted(): void {
    this.muted.update((muted) => !muted);
    const audio = this.media.get()?.audio;
    if (audio) this.#applyMuted(audio);
  }

  /** Everything is let go. */
  close(): void {
    const media = this.media.get();
    media?.video?.stop();
    media?.audio?.stop();
    closeSound(media?.sound ?? null);
    this.media.set(null);
    this.torch.set("none");
    this.zoom.set(null);
  }

  /** A microphone that Web Audio cannot follow costs the meter, or another context, and never the sound itself. */
  #follow(sound: Sound | null, track: MediaStreamTrack): Sound | null {
    if (sound?.input.setTrack(track)) return sound;
    closeSound(sound);
    const opened = this.#options.access.openSound(track);
    this.#options.onSound(opened);
    return opened;
  }

  /** `enabled` keeps the device and sends silence: no new prompt, and the audio stream goes on. */
  #applyMuted(audio: MediaStreamTrack): void {
    audio.enabled = !this.muted.get();
  }
}

function closeSound(sound: Sound | null): void {
  sound?.level.close();
  sound?.input.close().catch(() => {});
}

function facing(track: MediaStreamTrack): Facing {
  return facingOf(track.getSettings()) ?? "user";
}
