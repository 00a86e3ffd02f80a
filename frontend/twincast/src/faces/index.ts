/**
 * Camera and microphone of a page, streamed to a Twincast backend as two connections.
 *
 * @packageDocumentation
 */
export type { Tier } from "../capture";
export { guessPlatform, type InputState, SILENCE_MS, type WakeLockState } from "../capture/devices";
export type { NavigatorHints, PlatformGuess } from "../capture/devices/platform";
export type { Cadence } from "../capture/encode";
export type { BackendFinding, BackendProblem, BackendTrouble } from "../model/backend";
export { derive, isAlike } from "../model/derive";
export type {
  Device,
  DeviceChoice,
  DeviceChoices,
  Facing,
  InterruptionCause,
  Level,
  LevelSource,
  Torch,
  Zoom,
} from "../model/device";
export type { Leftover, LeftoverStream } from "../model/leftover";
export type { SegmentInfo } from "../model/media";
export { type CaptureError, type PermissionState, PLATFORMS, type Platform } from "../model/permission";
export { CADENCE_NAMES, type CadenceName, PRESET_NAMES, type PresetName } from "../model/settings";
export type { Source } from "../model/source";
export {
  type EncoderName,
  type Gap,
  type GapReason,
  outcomeOf,
  type Quality,
  type QualityCause,
  type QualityLevel,
  type Sending,
  type StorageState,
  type StreamEnd,
  type StreamKind,
  type StreamOutcome,
  type StreamStatus,
} from "../model/stream";
export * from "../session";
export { UnusableSetting } from "../session/backend-setting";
export { Store } from "../session/store";
export type { NetworkEvent } from "../transport";
