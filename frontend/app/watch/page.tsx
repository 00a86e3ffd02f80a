import type { Metadata } from "next";
import { connection } from "next/server";
import { readBackendSetting } from "twincast/server";
import { WatchPage } from "./WatchPage";

export const metadata: Metadata = { title: "Twincast: watch", robots: { index: false } };

/** Rendered per request, so that the backend's address is a setting of the running server and not of the build. */
export default async function Page() {
  await connection();
  return <WatchPage backendUrl={readBackendSetting("BACKEND_URL", process.env.BACKEND_URL)} />;
}
