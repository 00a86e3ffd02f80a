import type { ReactNode } from "react";

export type MotionProps = {
  children: ReactNode;
  /** "user" follows the system's setting, "always" reduces whatever it says. Default "user". */
  reduced?: "user" | "always";
};
