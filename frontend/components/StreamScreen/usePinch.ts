import { type ComponentProps, type PointerEvent, useRef } from "react";

type PinchHandlers = Pick<
  ComponentProps<"div">,
  "onPointerDown" | "onPointerMove" | "onPointerUp" | "onPointerCancel"
>;

/** Handlers of an element on which two fingers zoom. @param onPinch is told by which factor they moved apart. */
export function usePinch(onPinch: ((factor: number) => void) | undefined): PinchHandlers {
  const fingers = useRef(new Map<number, readonly [x: number, y: number]>());
  if (!onPinch) return {};
  const lift = ({ pointerId }: PointerEvent) => void fingers.current.delete(pointerId);
  return {
    onPointerDown: ({ pointerId, pointerType, clientX, clientY }) => {
      if (pointerType === "touch") fingers.current.set(pointerId, [clientX, clientY]);
    },
    onPointerMove: ({ pointerId, clientX, clientY }) => {
      if (!fingers.current.has(pointerId)) return;
      const before = spread(fingers.current);
      fingers.current.set(pointerId, [clientX, clientY]);
      const now = spread(fingers.current);
      if (before && now) onPinch(now / before);
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  };
}

/** @returns how far two fingers are apart; null of one, or of three. */
function spread(fingers: ReadonlyMap<number, readonly [x: number, y: number]>): number | null {
  const [one, two, ...more] = fingers.values();
  if (!one || !two || more.length > 0) return null;
  return Math.hypot(one[0] - two[0], one[1] - two[1]) || null;
}
