export { StreamScreen } from "./StreamScreen";
export type * from "./types";
