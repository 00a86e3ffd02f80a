/** What a person trades: sharpness for data. */
export const PRESET_NAMES = ["data-saver", "balanced", "sharp"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** `chunks`: ten a second. `realtime`: each encoded frame at once. */
export const CADENCE_NAMES = ["chunks", "realtime"] as const;
export type CadenceName = (typeof CADENCE_NAMES)[number];
