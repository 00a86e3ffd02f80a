/** The face of the browser's own recorder, which encodes either kind on the page. */
export { browserRecorderEngine, MediaRecorderEncoder } from "./media-recorder";
