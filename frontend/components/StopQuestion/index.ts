export { StopQuestion } from "./StopQuestion";
