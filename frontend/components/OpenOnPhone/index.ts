export { OpenOnPhone } from "./OpenOnPhone";
export type * from "./types";
