"use client";

import { LazyMotion, MotionConfig, MotionGlobalConfig } from "framer-motion";
import { createContext, useContext, useEffect, useState } from "react";
import type { MotionProps } from "./types";

const loadFeatures = () => import("./features").then((module) => module.features);

/** Whether the animation code is there; null outside of `Motion`. */
const Ready = createContext<boolean | null>(null);

/**
 * Everything that moves lives inside. The animation code arrives after the page; until then, and where it never
 * arrives, everything stands where its animation would end. Inside of another one it leaves the settings to that one.
 */
export function Motion(props: MotionProps) {
  return useContext(Ready) === null ? <OutermostMotion {...props} /> : props.children;
}

function OutermostMotion({ children, reduced = "user" }: MotionProps) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let mounted = true;
    loadFeatures().then(
      () => mounted && setReady(true),
      // offline at the wrong moment: a page that does not move is a page that works
      () => {},
    );
    return () => {
      mounted = false;
    };
  }, []);
  return (
    <LazyMotion features={loadFeatures} strict>
      <MotionConfig reducedMotion={reduced}>
        <Ready value={ready}>{children}</Ready>
      </MotionConfig>
    </LazyMotion>
  );
}

/**
 * Where an element's entrance begins: pass it as `initial`. Without the code that would move it on, an element that
 * begins unseen stays unseen, so there it begins where it ends.
 */
export function useEntrance<T extends object>(from: T): T | false {
  return useContext(Ready) && !MotionGlobalConfig.skipAnimations ? from : false;
}
