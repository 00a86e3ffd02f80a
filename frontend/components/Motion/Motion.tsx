"use client";

import { LazyMotion, MotionConfig } from "framer-motion";
import type { MotionProps } from "./types";

const features = () => import("./features").then((module) => module.features);

/**
 * Everything that moves lives inside. The animation code arrives after the page: until then, and without it,
 * every component already stands where its animation would end.
 */
export function Motion({ children, reduced = "user" }: MotionProps) {
  return (
    <LazyMotion features={features} strict>
      <MotionConfig reducedMotion={reduced}>{children}</MotionConfig>
    </LazyMotion>
  );
}
