export type * from "./types";
export { WatchScreen } from "./WatchScreen";
export { WatchTile } from "./WatchTile";
