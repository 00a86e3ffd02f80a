/** What a person trades: sharpness for data. */
export const PRESET_NAMES = ["data-saver", "balanced", "sharp"] as const;
/** One of `PRESET_NAMES`. */
export type PresetName = (typeof PRESET_NAMES)[number];

/** `chunks`: ten a second. `realtime`: each encoded frame at once. */
export const CADENCE_NAMES = ["chunks", "realtime"] as const;
/** One of `CADENCE_NAMES`. */
export type CadenceName = (typeof CADENCE_NAMES)[number];
