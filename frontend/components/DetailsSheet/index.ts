export { DetailsPanel } from "./DetailsPanel";
export { DetailsSheet } from "./DetailsSheet";
export type * from "./types";
