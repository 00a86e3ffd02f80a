import type { StreamKind } from "twincast";
/**
 * The few verbs that every flow is written in, so that the same flow runs on engines that Playwright drives and on
 * engines that it does not.
 */

/** `both`: a microphone and at least one camera. `no-camera`: a microphone only. `no-devices`: neither. */
export type Devices = "both" | "two-cameras" | "no-camera" | "no-devices";
export type Answer = "allow" | "deny";

export interface Ui {
  /** Name and version, for the report. */
  readonly engine: string;
  open(url: string): Promise<void>;
  /** From here on the verbs are about the page in the only frame of the one that is open. */
  enterFrame(): Promise<void>;
  /** Presses the button of this accessible name. */
  press(button: string): Promise<void>;
  /** Waits until an element matches the CSS selector. */
  see(selector: string, timeoutMs?: number): Promise<void>;
  /** Visible text of the first match. */
  text(selector: string): Promise<string>;
  evaluate<T, A>(task: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  /** How the next request for camera and microphone is answered. */
  answer(answer: Answer): Promise<void>;
  /** Mutes a device as the system does, where the engine has a way to; elsewhere tests do it to the track. */
  hold?(kind: "video" | "audio", held: boolean): Promise<void>;
  /** Puts another tab before the page's, where the engine has a way to. */
  hide?(): Promise<void>;
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Selectors of what a person looks at. */
export const badge = (stream: StreamKind, state?: string) =>
  `[role="group"][data-stream="${stream}"]${state === undefined ? "" : `[data-state="${state}"]`}`;
export const record = (phase: string) => `button[data-phase="${phase}"]`;
export const gate = (state: string) => `section[data-state="${state}"]`;
