import { useEffect, useState } from "react";
import { mockCamera, selfie } from "./camera";

/** A mock camera for as long as a story is shown. */
export function useMockCamera(scene = selfie): MediaStream | null {
  const [stream, setStream] = useState<MediaStream | null>(null);
  useEffect(() => {
    const camera = mockCamera(scene);
    setStream(camera.stream);
    return camera.stop;
  }, [scene]);
  return stream;
}
