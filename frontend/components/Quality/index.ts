export { Quality } from "./Quality";
