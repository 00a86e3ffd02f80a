export { Toasts } from "./Toasts";
export type * from "./types";
