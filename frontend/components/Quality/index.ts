export { Quality } from "./Quality";
export type * from "./types";
