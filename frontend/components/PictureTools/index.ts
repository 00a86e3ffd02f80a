export { PictureTools } from "./PictureTools";
export type * from "./types";
