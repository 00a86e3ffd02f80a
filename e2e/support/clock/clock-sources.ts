/**
 * A camera and a microphone that write the time into what they give. Installed into the page in place of
 * `getUserMedia`, so that everything behind it is the product's own way: tracks, encoders, sockets.
 *
 * Functions named `inPage...`, `inWorker...` and `inWorklet...` are sent there as text.
 */
import { COLUMNS, cellSide, cellsOf, ROWS } from "./clock-picture.ts";

export interface ClockSourceOptions {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** What the sources did; `window.clockSources` in the page. */
export interface ClockSources {
  /** When each frame was given to the track, ms since the epoch: what its picture says. */
  readonly frames: number[];
  /** How much later than planned each of them was, which tells how busy the machine was. */
  readonly frameLatenessMs: number[];
  readonly tones: GivenTone[];
}

export interface GivenTone {
  /** Which of the tones, 0 to TONE_COUNT - 1. */
  readonly pitch: number;
  /** When its first sample was given to the track, ms since the epoch. */
  readonly at: number;
}

export const TONE_COUNT = 16;
export const TONE_EVERY_MS = 250;
/** The same tone comes again after 4 s, far beyond any delay that is worth measuring. */
export const toneHz = (pitch: number) => 400 + 200 * pitch;

/** @returns a script for the page, to run before any of its own. */
export function clockSourcesScript(options: ClockSourceOptions): string {
  const worker = `const cellsOf = ${cellsOf};
    (${inWorkerDrawFrames})(${JSON.stringify({ ...options, columns: COLUMNS, rows: ROWS, cell: cellSide(options.width) })});`;
  const worklet = `const toneHz = ${toneHz};
    (${inWorkletPlayTones})(${JSON.stringify({ everyMs: TONE_EVERY_MS, count: TONE_COUNT })});`;
  return `(${inPageReplaceDevices})(${JSON.stringify({ worker, worklet })});`;
}

function inPageReplaceDevices({ worker, worklet }: { worker: string; worklet: string }): void {
  const sources: ClockSources = { frames: [], frameLatenessMs: [], tones: [] };
  (window as unknown as { clockSources: ClockSources }).clockSources = sources;
  const codeUrl = (code: string) => URL.createObjectURL(new Blob([code], { type: "text/javascript" }));

  const camera = (): MediaStreamTrack => {
    // Chromium's own: https://developer.chrome.com/docs/capabilities/web-apis/mediastreamtrack-insertable-media-processing
    const Generator = (
      window as unknown as {
        MediaStreamTrackGenerator: new (
          init: object,
        ) => MediaStreamTrack & { writable: WritableStream<VideoFrame> };
      }
    ).MediaStreamTrackGenerator;
    const track = new Generator({ kind: "video" });
    const drawing = new Worker(codeUrl(worker));
    drawing.onmessage = ({ data }: MessageEvent<{ at: number; latenessMs: number }>) => {
      sources.frames.push(data.at);
      sources.frameLatenessMs.push(data.latenessMs);
    };
    drawing.postMessage(track.writable, [track.writable]);
    return track;
  };

  const microphone = async (): Promise<MediaStreamTrack> => {
    const context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
    await context.audioWorklet.addModule(codeUrl(worklet));
    const node = new AudioWorkletNode(context, "tones", { numberOfInputs: 0, outputChannelCount: [1] });
    node.port.onmessage = ({ data }: MessageEvent<GivenTone>) => sources.tones.push(data);
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    node.connect(out);
    await context.resume();
    const [track] = out.stream.getAudioTracks();
    if (!track) throw new Error("The microphone has no track.");
    return track;
  };

  MediaDevices.prototype.getUserMedia = async (constraints) =>
    new MediaStream([
      ...(constraints?.video ? [camera()] : []),
      ...(constraints?.audio ? [await microphone()] : []),
    ]);
}

/** Gives frames at the rate of a camera, each stamped at the moment it is given. */
function inWorkerDrawFrames(options: {
  width: number;
  height: number;
  frameRate: number;
  columns: number;
  rows: number;
  cell: number;
}): void {
  const { width, height, frameRate, columns, rows, cell } = options;
  const [BLACK, WHITE, NO_COLOUR] = [16, 235, 128];
  // A soft, grainy pattern that moves: an encoder has to work for it as for a room in a hand-held camera.
  const travel = 128;
  const wide = width + travel;
  const pattern = new Uint8Array(wide * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < wide; x++) {
      const soft = Math.sin(x / 23) + Math.sin(y / 17 + x / 61) + Math.sin((x * y) / 9_000);
      pattern[y * wide + x] = 126 + 30 * soft + 8 * (Math.random() - 0.5);
    }
  }
  const pixels = new Uint8Array(width * height * 1.5).fill(NO_COLOUR);
  const paint = (frame: number) => {
    const phase = (frame * 3) % (2 * travel);
    const shift = phase < travel ? phase : 2 * travel - phase;
    for (let y = 0; y < height; y++) {
      pixels.set(pattern.subarray(y * wide + shift, y * wide + shift + width), y * width);
    }
  };
  const stamp = (atMs: number) => {
    for (const [i, isWhite] of cellsOf(atMs).entries()) {
      const left = (i % columns) * cell;
      const top = Math.floor(i / columns) * cell;
      for (let y = top; y < top + cell; y++) {
        pixels.fill(isWhite ? WHITE : BLACK, y * width + left, y * width + left + cell);
      }
    }
  };
  const give = async (writable: WritableStream<VideoFrame>) => {
    const writer = writable.getWriter();
    const startedAt = performance.now();
    for (let frame = 0; ; frame++) {
      paint(frame);
      const dueAt = startedAt + (frame * 1_000) / frameRate;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      // Late by more than a frame: a camera would have lost it.
      else if (-waitMs > 1_000 / frameRate) continue;
      const at = Date.now();
      const latenessMs = performance.now() - dueAt;
      stamp(at);
      await writer.write(
        new VideoFrame(pixels, {
          format: "I420",
          codedWidth: width,
          codedHeight: height,
          timestamp: Math.round(performance.now() * 1e3),
        }),
      );
      self.postMessage({ at, latenessMs });
    }
  };
  self.onmessage = ({ data }: MessageEvent<WritableStream<VideoFrame>>) => {
    // It ends with the track, and with the page.
    give(data).catch(() => {});
  };
  // Two rows of two cells would do; a picture that is too small for the clock is a mistake of the caller.
  if (columns * cell > width || rows * cell > height) throw new RangeError("The clock does not fit.");
}

/** Plays a tone every so often, each of another pitch, and says when its first sample was made. */
function inWorkletPlayTones({ everyMs, count }: { everyMs: number; count: number }): void {
  const TONE_MS = 60;
  const LOUD = 0.5;
  const HISS = 0.001;
  const scope = globalThis as unknown as {
    sampleRate: number;
    currentFrame: number;
    AudioWorkletProcessor: new () => { port: MessagePort };
    registerProcessor(name: string, processor: unknown): void;
  };
  const every = Math.round((everyMs / 1e3) * scope.sampleRate);
  const length = Math.round((TONE_MS / 1e3) * scope.sampleRate);
  class Tones extends scope.AudioWorkletProcessor {
    process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
      const samples = outputs[0]?.[0] ?? new Float32Array();
      for (let i = 0; i < samples.length; i++) {
        const position = scope.currentFrame + i;
        const sinceOnset = position % every;
        const pitch = Math.floor(position / every) % count;
        if (sinceOnset === 0) this.port.postMessage({ pitch, at: Date.now() } satisfies GivenTone);
        const tone = Math.sin((2 * Math.PI * toneHz(pitch) * sinceOnset) / scope.sampleRate);
        samples[i] = (sinceOnset < length ? LOUD * tone : 0) + HISS * (Math.random() - 0.5);
      }
      return true;
    }
  }
  scope.registerProcessor("tones", Tones);
}
