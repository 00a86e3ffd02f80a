/** The face of the devices: asked for, opened, watched and let go. */
export {
  type AcquireOptions,
  type AcquireResult,
  acquire,
  DEFAULT_WANTED,
  obstacleOf,
} from "./acquire";
export { AudioInput } from "./audio-input";
export { type FlipResult, flipCamera, hasTorch, setTorch, setZoom, zoomOf } from "./camera";
export { browserDevices, type DeviceEnvironment, devicesUntil } from "./device-environment";
export { InputMonitor } from "./input-monitor";
export type { InputState } from "./input-state";
export { createLevelSource, type LevelMeter } from "./level";
export { watchDevices } from "./list";
export { type ChangeResult, type OpenResult, openTrack } from "./open-track";
export { watchVisibility } from "./page-visibility";
export { type PermissionStates, watchPermissions } from "./permissions";
export { watchPicture } from "./picture-watch";
export { guessPlatform } from "./platform";
export { cameraConstraints, PRESETS, type Preset } from "./presets";
export { SILENCE_MS } from "./sound-watch";
export { keepScreenOn, type WakeLockState } from "./wake-lock";
