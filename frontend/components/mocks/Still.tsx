import { useEffect, useRef } from "react";
import type { Scene } from "./camera";

/** One picture of a scene, as a viewer's canvas shows it. */
export function Still({
  scene,
  width = 640,
  height = 480,
}: {
  scene: Scene;
  width?: number;
  height?: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) scene(context, width, height, 0);
  }, [scene, width, height]);
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label="What the phone sees" />;
}
