/** What a person calls the thing that a stream comes from. */
export type Device = "camera" | "microphone";

/** Which way a camera faces: to the person, or away. */
export type Facing = "user" | "environment";

/** The camera's light; "none" where it has none. */
export type Torch = "none" | "off" | "on";

/** How near the camera brings things, and how near it can; 1 is its own view. */
export interface Zoom {
  /** Where it stands, from `min` to `max`. */
  readonly value: number;
  /** The widest view that it has. */
  readonly min: number;
  /** The nearest view that it has. */
  readonly max: number;
  /** The least change, for a slider; a hundredth of the range where the camera tells none. */
  readonly step: number;
}

/** A device that a person may choose. Empty labels mean that no permission was given yet. */
export interface DeviceChoice {
  /** The browser's id of it, for `chooseDevice`. */
  readonly deviceId: string;
  /** What the browser calls it; empty without permission. */
  readonly label: string;
}

/** What there is to choose from, by device. */
export interface DeviceChoices {
  /** Empty until the devices are open, and for tracks of the page's own. */
  readonly cameras: readonly DeviceChoice[];
  /** The same of the microphones. */
  readonly microphones: readonly DeviceChoice[];
}

/** Why a device gives nothing at the moment. */
export type InterruptionCause =
  /** The system took the microphone: a phone call, Siri. */
  | "call"
  /** Another app took the camera. */
  | "taken"
  /** The page is out of sight, or the screen is locked. */
  | "hidden"
  /** Unplugged, or ended by the system without a reason. */
  | "device-lost"
  /** The browser asks for it again, and waits for an answer. */
  | "asking"
  /** Its permission was taken back. */
  | "refused"
  /** The track says that it is live, and nothing comes. */
  | "no-frames"
  | "no-audio";

/** How loud the microphone is now, as fractions of full scale (0 to 1). */
export interface Level {
  /** Root of the mean square over the last moment: what a meter shows. */
  readonly rms: number;
  /** The largest excursion in the same span. Exactly 0 means digital silence: a dead or muted microphone. */
  readonly peak: number;
}

/** Pushes measurements, twelve a second. */
export interface LevelSource {
  /**
   * Calls `listener` with each measurement; with none while Web Audio is suspended.
   *
   * @returns the function that ends the subscription.
   */
  subscribe(listener: (level: Level) => void): () => void;
}
