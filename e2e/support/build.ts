import { ensureBuild } from "../../tools/setup/build.ts";

/** Builds the page, unless its present sources are built. */
export default ensureBuild;
