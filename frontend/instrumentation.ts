import { readBackendSetting, UnusableSetting } from "twincast/server";
import { readFrameAncestors } from "./app/frame-ancestors";

/** Next.js calls this once, before the server answers: settings that cannot work are said then, and not by every page. */
export function register(): void {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  try {
    for (const name of ["BACKEND_URL", "BACKEND_ORIGIN"]) readBackendSetting(name, process.env[name]);
    readFrameAncestors(process.env.FRAME_ANCESTORS);
  } catch (error) {
    if (!(error instanceof UnusableSetting)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
