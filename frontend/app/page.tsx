import { connection } from "next/server";
import { readBackendSetting } from "../lib/session/backend-setting";
import { StreamPage } from "./StreamPage";

/** Rendered per request, so that the backend's address is a setting of the running server and not of the build. */
export default async function Page() {
  await connection();
  return (
    <StreamPage
      backendUrl={readBackendSetting("BACKEND_URL", process.env.BACKEND_URL)}
      hasTokens={Boolean(process.env.BACKEND_SECRET)}
    />
  );
}
