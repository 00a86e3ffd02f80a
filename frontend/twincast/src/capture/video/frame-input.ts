import type { SegmentDetails } from "../segment-details";
import { trackProcessor } from "../track-processor";

/**
 * What only the page knows of the picture. `width` and `height` are those of the upright picture, as a `<video>` shows
 * it: Safari's frames come as the sensor lies, and do not say so.
 */
export type FrameDetails = Pick<SegmentDetails, "facing" | "orientation" | "frameRate" | "width" | "height">;

/**
 * Where a video encoder gets its frames from, in a form that can be posted to a worker. Which one there is depends on
 * the engine; `openFrameSource` makes it.
 */
export type FrameInput = { readonly details: FrameDetails } & (
  | { readonly from: "frames"; readonly frames: ReadableStream<VideoFrame> }
  | { readonly from: "track"; readonly track: MediaStreamTrack }
  | { readonly from: "port"; readonly port: MessagePort }
);

/** What a page that draws frames itself is asked, and answers: one frame per question. */
type FrameRequest = "next";

/** @throws TypeError where tracks cannot be read in this scope. */
export function framesOf(input: FrameInput): ReadableStream<VideoFrame> {
  switch (input.from) {
    case "frames":
      return input.frames;
    case "track": {
      const Processor = trackProcessor();
      if (!Processor) throw new TypeError("MediaStreamTrackProcessor is not defined here");
      return framesOfTrack(input.track, new Processor({ track: input.track }).readable);
    }
    case "port":
      return framesFromPort(input.port);
  }
}

/**
 * Of a track that is ours alone. Cancelling its stream leaves the track running, and with it the camera, where nobody
 * stops it (WebKit's MediaStreamTrackProcessor::Source::doCancel): https://github.com/Vanilagy/mediabunny/issues/204
 */
function framesOfTrack(
  track: MediaStreamTrack,
  frames: ReadableStream<VideoFrame>,
): ReadableStream<VideoFrame> {
  const reader = frames.getReader();
  let isRead = true;
  return new ReadableStream<VideoFrame>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!isRead) value?.close();
        else if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        isRead = false;
        track.stop();
        await reader.cancel(reason);
      },
    },
    // Nothing is taken before it is asked for: a busy encoder drops at the source.
    { highWaterMark: 0 },
  );
}

/**
 * Asks for the next frame only when the last was taken: a busy encoder then drops at the source, and queues nothing.
 * Firefox delivers what was under way when a port was closed, and the page may say twice that it was the end: whatever
 * comes to a stream that is over would throw, and with it the worker would be lost.
 */
function framesFromPort(port: MessagePort): ReadableStream<VideoFrame> {
  let isOver = false;
  return new ReadableStream<VideoFrame>(
    {
      start(controller) {
        port.onmessage = ({ data }: MessageEvent<VideoFrame | null>) => {
          if (isOver) {
            data?.close();
          } else if (data) {
            controller.enqueue(data);
          } else {
            isOver = true;
            controller.close();
          }
        };
      },
      pull() {
        port.postMessage("next" satisfies FrameRequest);
      },
      cancel() {
        isOver = true;
        port.close();
      },
    },
    { highWaterMark: 1 },
  );
}
