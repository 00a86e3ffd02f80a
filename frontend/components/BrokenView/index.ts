export { BrokenView } from "./BrokenView";
export { PageBroke } from "./PageBroke";
export type * from "./types";
