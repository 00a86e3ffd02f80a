/** What stories play with: the product's own parts, to be put into any state. Of the source alone, not of the package. */
export { AudioInput } from "../capture/devices";
export { systemClock } from "../clock";
export { backendAddress } from "../session/backend-address";
export type { DeviceAccess, Sound } from "../session/device-access";
export { SessionEvents } from "../session/events";
export { SessionController } from "../session/session";
export type { Media as ControllerMedia } from "../session/session-media";
export { Store } from "../session/store";
export type { StreamSession } from "../session/stream-session";
export { streamQuality, streamStatus } from "../session/stream-status";
export { noTokens } from "../session/tokens";
export { DEFAULT_LIMITS, openBrowserSocket, type SenderStatus, StreamSender } from "../transport";
export type { Delivery } from "../transport/stream-sender";
export { FakeBackend, type Peer } from "../transport/testing/fake-backend";
export type { WorkerEnvironment } from "../worker";
