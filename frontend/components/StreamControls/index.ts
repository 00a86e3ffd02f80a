export { StreamControls } from "./StreamControls";
export type * from "./types";
