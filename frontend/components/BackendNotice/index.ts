export { BackendNotice } from "./BackendNotice";
export type * from "./types";
