/**
 * How long after its capture each picture and each sound of one phone is shown: one delay for both, because they are
 * stamped by one clock. Pure; times in ms, of capture on the phone's clock, of arrival on this computer's. The two may
 * be apart by anything, as long as they stay so.
 *
 * Without sound it is as short as the pictures' own arrival allows. With sound it is the sound's: that cannot be played
 * later or earlier without being heard, and pictures can.
 */
import type { StreamKind } from "../../model/stream";
import { percentile } from "../../percentile";

/** What arrived longer ago says nothing about the path of now. */
const MEMORY_MS = 3_000;
const MAX_SAMPLES = 240;
/** So many of the chunks come in time: waiting for the slowest ones would make all of them late. */
const IN_TIME = 0.9;
/** A delay that becomes shorter shows pictures faster: by so little that nobody sees it. */
const SHORTER_PER_S_MS = 40;
/** What the sound says of itself is good for so long. */
const SOUND_MEMORY_MS = 500;
/** A canvas is on the screen about a frame after it was drawn: so much sooner are pictures drawn that go with a sound. */
const TO_SCREEN_MS = 16;
/** A chunk that came in less than this share of the time that it holds was waiting behind others. */
const PACE = 0.5;

/** How much sound is kept at least before it is played: a path's usual jitter, and a scheduler's. */
export const SOUND_BUFFER_MS = 60;
/** What is left of the sound when the next chunk should come: what a chunk may come late by. */
const SOUND_RESERVE_MS = 40;
/** Sound that waits for slow pictures waits no longer than this. */
const MAX_SOUND_BUFFER_MS = 1_500;

interface Sample {
  readonly at: number;
  /** Of the chunk's oldest media: what waits for it can be shown without a halt. */
  readonly oldestLateMs: number;
  /** Of its newest. */
  readonly newestLateMs: number;
}

export class Playhead {
  readonly #samples: Record<StreamKind, Sample[]> = { video: [], audio: [] };
  readonly #last: Record<StreamKind, { readonly capturedTo: number; readonly at: number } | null> = {
    video: null,
    audio: null,
  };
  #delay: { readonly ms: number; readonly at: number } | null = null;
  #sound: { readonly delayMs: number; readonly at: number } | null = null;

  /**
   * A chunk has come. What comes in a burst, at the join or after a cut, is old and says nothing: it is hurried through.
   *
   * @param capturedFrom when its first picture, or its first sample, was captured. @param capturedTo its last.
   * @param at when it came.
   */
  arrived(kind: StreamKind, capturedFrom: number, capturedTo: number, at: number): void {
    const last = this.#last[kind];
    this.#last[kind] = { capturedTo, at };
    if (!last || at - last.at < PACE * (capturedTo - last.capturedTo)) return;
    const samples = this.#samples[kind];
    samples.push({ at, oldestLateMs: at - capturedFrom, newestLateMs: at - capturedTo });
    while (samples.length > MAX_SAMPLES || (samples[0] && samples[0].at < at - MEMORY_MS)) samples.shift();
  }

  /** The stream begins anew: another segment, or a skip. Its path is the same; its pace is not known. */
  rejoined(kind: StreamKind): void {
    this.#last[kind] = null;
  }

  /** The sound that leaves the loudspeaker now was captured then. */
  heard(capturedAt: number, at: number): void {
    this.#sound = { delayMs: at - capturedAt, at };
  }

  /** Nothing is heard any more. */
  silent(): void {
    this.#sound = null;
  }

  /** From capture to screen. 0 while nothing is known: what is there is shown. */
  delayMs(at: number): number {
    if (this.#sound && at - this.#sound.at <= SOUND_MEMORY_MS) {
      const ms = this.#sound.delayMs - TO_SCREEN_MS;
      this.#delay = { ms, at };
      return ms;
    }
    const wantedMs = this.#late("video", IN_TIME, ({ oldestLateMs }) => oldestLateMs);
    if (wantedMs === null) return this.#delay?.ms ?? 0;
    const before = this.#delay;
    // Later at once, sooner little by little.
    const shortestMs = before ? before.ms - (SHORTER_PER_S_MS / 1e3) * Math.max(0, at - before.at) : wantedMs;
    const ms = Math.max(wantedMs, shortestMs);
    this.#delay = { ms, at };
    return ms;
  }

  /** Whether what was captured then is to be shown now. */
  isDue(capturedAt: number, at: number): boolean {
    return this.dueInMs(capturedAt, at) <= 0;
  }

  dueInMs(capturedAt: number, at: number): number {
    return capturedAt + this.delayMs(at) - at;
  }

  /**
   * How much sound there shall be when a chunk of it has just come: enough until the next one, and so much that it is not
   * ahead of its pictures.
   */
  soundBufferMs(): number {
    const spanMs =
      this.#late("audio", 0.5, ({ oldestLateMs, newestLateMs }) => oldestLateMs - newestLateMs) ?? 0;
    const alone = Math.max(SOUND_BUFFER_MS, spanMs + SOUND_RESERVE_MS);
    const video = this.#late("video", IN_TIME, ({ oldestLateMs }) => oldestLateMs);
    const audio = this.#late("audio", 0.5, ({ newestLateMs }) => newestLateMs);
    if (video === null || audio === null) return Math.min(MAX_SOUND_BUFFER_MS, alone);
    return Math.min(MAX_SOUND_BUFFER_MS, Math.max(alone, video - audio));
  }

  #late(kind: StreamKind, share: number, of: (sample: Sample) => number): number | null {
    return percentile(this.#samples[kind].map(of), share) ?? null;
  }
}
