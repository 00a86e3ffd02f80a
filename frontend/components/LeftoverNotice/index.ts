export { LeftoverNotice } from "./LeftoverNotice";
export type * from "./types";
