export { RecordingList } from "./RecordingList";
export { RecordingView } from "./RecordingView";
export type * from "./types";
