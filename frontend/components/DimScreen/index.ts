export { DimScreen } from "./DimScreen";
