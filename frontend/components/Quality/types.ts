export type QualityLevel = "excellent" | "good" | "poor" | "lost";

export type QualityProps = {
  level: QualityLevel;
  /** The measured cause in a few words, e.g. `uplink slow, 1.2 s behind`. */
  reason: string;
};
