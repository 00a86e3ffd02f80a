import { ensureBuild } from "../../scripts/setup/build.mjs";

/** Builds the page, unless its present sources are built. */
export default ensureBuild;
