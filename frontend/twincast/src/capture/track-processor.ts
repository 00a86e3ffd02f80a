type TrackProcessorConstructor<Media> = new (init: {
  track: MediaStreamTrack;
  maxBufferSize?: number;
}) => { readonly readable: ReadableStream<Media> };

/**
 * Chromium has it on pages, and for sound as well; Safari in workers, for video:
 * https://w3c.github.io/mediacapture-transform/
 */
export function trackProcessor<Media = VideoFrame>(): TrackProcessorConstructor<Media> | undefined {
  return (globalThis as unknown as { MediaStreamTrackProcessor?: TrackProcessorConstructor<Media> })
    .MediaStreamTrackProcessor;
}
