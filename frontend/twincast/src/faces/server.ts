/**
 * What a page's server knows of the backend. Nothing here touches a browser.
 *
 * @packageDocumentation
 */
export { guessPlatform, type NavigatorHints, type PlatformGuess } from "../capture/devices/platform";
export { PLATFORMS, type Platform } from "../model/permission";
export type { StreamKind } from "../model/stream";
export { type BackendAddress, backendAddress } from "../session/backend-address";
export { readBackendSetting, UnusableSetting } from "../session/backend-setting";
