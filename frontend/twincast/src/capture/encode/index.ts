/** The face of what all encoders share: what one is, how it fails, and how often it hands over a chunk. */
export { type Cadence, DEFAULT_CADENCE } from "./batcher";
export {
  EncoderError,
  type EncoderErrorCode,
  type EncoderStats,
  LAST_RESORT_MS,
  type StreamEncoder,
} from "./encoder";
