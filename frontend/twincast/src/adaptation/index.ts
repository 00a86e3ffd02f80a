/** The face of adaptation: what picture and sound shall take, from what is known of the path. */
export { AudioAdaptation, type AudioRate } from "./audio-adaptation";
export { NO_REDUCTION, type Reduction } from "./picture-ladder";
export { isPictureRate, type PictureRate, VideoAdaptation } from "./video-adaptation";
