"use client";

import { Motion } from "@/components/Motion";
import { Toasts, type ToastsProps } from "@/components/Toasts";

/** Toasts with what moves them: on the first screen nothing else does. */
export function ToastsInMotion(props: ToastsProps) {
  return (
    <Motion>
      <Toasts {...props} />
    </Motion>
  );
}
