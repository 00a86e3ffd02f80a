import { isStill } from "./still";

export type Scene = (
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  seconds: number,
) => void;

/**
 * A camera made of a canvas. Its picture moves, except in tests.
 *
 * @param scene what it looks at.
 * @param deviceId what its track gives as its device's id.
 * @returns a live stream that turns with the window, as a phone's does, and what stops it.
 */
export function mockCamera(scene: Scene, deviceId = "front"): { stream: MediaStream; stop: () => void } {
  const canvas = document.createElement("canvas");
  const turn = () => {
    const upright = window.innerHeight > window.innerWidth;
    canvas.width = upright ? 720 : 1280;
    canvas.height = upright ? 1280 : 720;
  };
  turn();
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser has no 2D canvas, so there is no mock camera.");
  const startedAt = performance.now();
  // In tests the same picture is drawn again and again: a canvas that does not change gives a stream no frame.
  const draw = () =>
    scene(context, canvas.width, canvas.height, isStill() ? 0 : (performance.now() - startedAt) / 1000);
  draw();
  const timer = setInterval(draw, 40);
  const rotate = () => {
    turn();
    draw();
  };
  window.addEventListener("resize", rotate);
  const stream = canvas.captureStream(25);
  for (const track of stream.getTracks()) track.getSettings = () => ({ deviceId });
  return {
    stream,
    stop: () => {
      clearInterval(timer);
      window.removeEventListener("resize", rotate);
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** A person at home, as a front camera sees one. Flat colours, which a screenshot keeps small. */
export const selfie: Scene = (context, width, height, seconds) => {
  // A unit is what the person is drawn in; the person fits a tall and a wide picture alike.
  const unit = Math.min(width / 7, height / 9.5);
  const sway = Math.sin(seconds * 0.8) * 0.08 * unit;
  const breath = Math.sin(seconds * 1.6) * 0.03 * unit;
  context.save();
  context.fillStyle = "#d8bd97";
  context.fillRect(0, 0, width, height);
  context.translate(width / 2, height);
  window_(context, unit, height);
  plant(context, unit, seconds, width);
  context.translate(sway, breath);
  person(context, unit);
  context.restore();
};

/** What a camera's picture can be at worst for text on it. */
export const snow: Scene = (context, width, height) => {
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
};

function window_(context: CanvasRenderingContext2D, unit: number, height: number): void {
  const top = -Math.min(height * 0.86, 13 * unit);
  context.fillStyle = "#f3e3c3";
  context.beginPath();
  context.roundRect(-2.2 * unit, top, 5.6 * unit, -top - 1.5 * unit, [2.8 * unit, 2.8 * unit, 0, 0]);
  context.fill();
  context.fillStyle = "#edc98b";
  context.beginPath();
  context.arc(1.7 * unit, top + 2.6 * unit, 0.95 * unit, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = "#c8a77c";
  context.fillRect(0.5 * unit, top, 0.14 * unit, -top);
}

function plant(context: CanvasRenderingContext2D, unit: number, seconds: number, width: number): void {
  const x = -Math.min(width / 2 - 0.4 * unit, 3.4 * unit);
  const leaves: [number, number, string][] = [
    [-0.55, 3.6, "#55785c"],
    [-0.15, 4.5, "#648a68"],
    [0.3, 4, "#4a6b53"],
    [0.75, 3, "#5d8263"],
  ];
  leaves.forEach(([lean, length, color], index) => {
    context.save();
    context.translate(x, -1.2 * unit);
    context.rotate(lean + Math.sin(seconds * 0.9 + index) * 0.03);
    context.fillStyle = color;
    context.beginPath();
    context.moveTo(0, 0);
    context.quadraticCurveTo(-0.75 * unit, -length * 0.55 * unit, 0, -length * unit);
    context.quadraticCurveTo(0.75 * unit, -length * 0.55 * unit, 0, 0);
    context.fill();
    context.restore();
  });
  context.fillStyle = "#a96a4b";
  context.beginPath();
  context.roundRect(x - 0.9 * unit, -1.4 * unit, 1.8 * unit, 1.6 * unit, 0.2 * unit);
  context.fill();
}

function person(context: CanvasRenderingContext2D, u: number): void {
  const shape = (color: string, path: (c: CanvasRenderingContext2D) => void) => {
    context.fillStyle = color;
    context.beginPath();
    path(context);
    context.fill();
  };
  // hair behind
  shape("#2d2530", (c) => {
    c.ellipse(0, -5.7 * u, 1.62 * u, 1.75 * u, 0, 0, Math.PI * 2);
    c.roundRect(-1.6 * u, -5.7 * u, 3.2 * u, 2.5 * u, [0, 0, 1.1 * u, 1.1 * u]);
  });
  // sweater
  shape("#2f5d73", (c) => {
    c.moveTo(-3 * u, 0.3 * u);
    c.bezierCurveTo(-2.9 * u, -2.1 * u, -2.2 * u, -2.7 * u, -0.9 * u, -3 * u);
    c.lineTo(0.9 * u, -3 * u);
    c.bezierCurveTo(2.2 * u, -2.7 * u, 2.9 * u, -2.1 * u, 3 * u, 0.3 * u);
  });
  // neck
  shape("#b5774f", (c) => c.roundRect(-0.58 * u, -4.3 * u, 1.16 * u, 1.75 * u, 0.58 * u));
  // collar
  shape("#264d60", (c) => {
    c.ellipse(0, -2.95 * u, 0.98 * u, 0.42 * u, 0, 0, Math.PI);
    c.ellipse(0, -2.95 * u, 0.62 * u, 0.22 * u, 0, Math.PI, 0, true);
  });
  // face
  shape("#c98d63", (c) => c.ellipse(0, -5.25 * u, 1.16 * u, 1.42 * u, 0, 0, Math.PI * 2));
  // fringe
  shape("#2d2530", (c) => {
    c.moveTo(-1.28 * u, -5.2 * u);
    c.bezierCurveTo(-1.35 * u, -6.9 * u, -0.2 * u, -7.1 * u, 0.35 * u, -6.75 * u);
    c.bezierCurveTo(1.2 * u, -6.7 * u, 1.35 * u, -5.9 * u, 1.26 * u, -5.2 * u);
    c.bezierCurveTo(1 * u, -5.9 * u, 0.7 * u, -6.1 * u, 0.25 * u, -6.15 * u);
    c.bezierCurveTo(-0.3 * u, -5.8 * u, -0.95 * u, -5.8 * u, -1.28 * u, -5.2 * u);
  });
  for (const side of [-1, 1]) {
    shape("#2d2530", (c) => c.ellipse(side * 0.45 * u, -5.2 * u, 0.1 * u, 0.13 * u, 0, 0, Math.PI * 2));
    shape("#2d2530", (c) => c.roundRect(side * 0.45 * u - 0.22 * u, -5.58 * u, 0.44 * u, 0.08 * u, 0.04 * u));
    shape("#d9a07a", (c) => c.ellipse(side * 0.68 * u, -4.8 * u, 0.2 * u, 0.13 * u, 0, 0, Math.PI * 2));
  }
  shape("#b5774f", (c) => c.ellipse(0, -4.88 * u, 0.13 * u, 0.16 * u, 0, 0, Math.PI * 2));
  // a smile
  shape("#8c3f36", (c) => c.ellipse(0, -4.5 * u, 0.36 * u, 0.2 * u, 0, 0, Math.PI));
}
