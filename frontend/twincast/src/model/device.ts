/** What a person calls the thing that a stream comes from. */
export type Device = "camera" | "microphone";

/** Which way a camera faces: to the person, or away. */
export type Facing = "user" | "environment";

/** The camera's light; "none" where it has none. */
export type Torch = "none" | "off" | "on";

/** How near the camera brings things, and how near it can; 1 is its own view. */
export interface Zoom {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A device that a person may choose. Empty labels mean that no permission was given yet. */
export interface DeviceChoice {
  readonly deviceId: string;
  readonly label: string;
}

/** What there is to choose from, by device. */
export interface DeviceChoices {
  readonly cameras: readonly DeviceChoice[];
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

/** Pushes measurements, 20 to 60 a second. */
export interface LevelSource {
  /** @returns the function that ends the subscription. */
  subscribe(listener: (level: Level) => void): () => void;
}
