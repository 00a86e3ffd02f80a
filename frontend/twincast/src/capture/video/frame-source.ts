import { trackProcessor } from "../track-processor";
import type { FrameDetails, FrameInput } from "./frame-input";

/**
 * So many frames wait while the encoder's thread is busy. With Chromium's 1 a frame that is late is replaced without a
 * word; with a few, the encoder sees them all, and counts those that it leaves out. Cameras lend about ten.
 */
const MAX_BUFFERED_FRAMES = 4;

export interface FrameSource {
  /** How the frames travel; `port` means that the page draws each of them. */
  readonly from: FrameInput["from"];
  close(): void;
}

export interface FrameSourceOptions {
  readonly details: FrameDetails;
  /** Whether the scope of the encoder has `MediaStreamTrackProcessor` (`trackProcessor() !== undefined` there). */
  readonly encoderHasTrackProcessor: boolean;
  /** Takes the input to the encoder: `worker.postMessage(..., transfer)`, or a call where both share a thread. */
  readonly post: (input: FrameInput, transfer: Transferable[]) => void;
}

/**
 * Opens the best way for a camera's frames to an encoder, which may sit in a worker:
 * 1. Chromium: the page makes the stream of frames and hands it over whole; no frame touches the page's thread.
 * 2. Safari: the worker reads a clone of the track itself.
 * 3. Elsewhere: the page draws what a `<video>` shows, frame by frame, as the encoder asks for it.
 */
export function openFrameSource(track: MediaStreamTrack, options: FrameSourceOptions): FrameSource {
  const { details, post } = options;
  const Processor = trackProcessor();
  if (Processor) {
    // A clone: the stream owns its track, and closing it must not end the preview's.
    const clone = track.clone();
    const frames = new Processor({ track: clone, maxBufferSize: MAX_BUFFERED_FRAMES }).readable;
    post({ from: "frames", frames, details }, [frames as unknown as Transferable]);
    return { from: "frames", close: () => clone.stop() };
  }
  if (options.encoderHasTrackProcessor) {
    const clone = track.clone();
    try {
      post({ from: "track", track: clone, details }, [clone as unknown as Transferable]);
      // The clone lives where it was posted to; `framesOf` stops it there.
      return { from: "track", close: () => {} };
    } catch {
      // DataCloneError: an engine whose tracks do not travel.
      clone.stop();
    }
  }
  return drawnFrames(track, details, post);
}

function drawnFrames(
  track: MediaStreamTrack,
  details: FrameDetails,
  post: FrameSourceOptions["post"],
): FrameSource {
  const { port1, port2 } = new MessageChannel();
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const canvas = new OffscreenCanvas(2, 2);
  const context = canvas.getContext("2d", { alpha: false, desynchronized: true });
  let isWanted = false;
  let callback = 0;

  const draw: VideoFrameRequestCallback = (now, { width, height }) => {
    callback = video.requestVideoFrameCallback(draw);
    if (!isWanted || !context || width === 0 || height === 0) return;
    isWanted = false;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    // Straight from a <video>, WebKitGTK's frames are refused by its encoder ("Encoding failed").
    context.drawImage(video, 0, 0, width, height);
    const frame = new VideoFrame(canvas, { timestamp: Math.round(now * 1e3) });
    port1.postMessage(frame, [frame]);
  };
  callback = video.requestVideoFrameCallback(draw);
  port1.onmessage = () => {
    isWanted = true;
  };
  const end = () => port1.postMessage(null);
  track.addEventListener("ended", end);
  // Frames come once it plays; that it may not play yet is said by the watchdog for frames.
  video.play().catch(() => {});
  post({ from: "port", port: port2, details }, [port2]);
  return {
    from: "port",
    close() {
      track.removeEventListener("ended", end);
      end();
      port1.close();
      video.cancelVideoFrameCallback(callback);
      video.srcObject = null;
    },
  };
}
