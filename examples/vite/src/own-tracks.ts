import { createSession } from "twincast";

/** A canvas and a file that plays, in the place of camera and microphone. */
export function streamOf(canvas: HTMLCanvasElement, sound: MediaStreamTrack, backend: string) {
  const [video] = canvas.captureStream(30).getVideoTracks();
  return createSession({ backend, tracks: { ...(video && { video }), audio: sound } });
}
