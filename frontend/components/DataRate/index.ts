export { DataRate } from "./DataRate";
export type * from "./types";
