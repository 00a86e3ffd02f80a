export { WatchedBy } from "./WatchedBy";
