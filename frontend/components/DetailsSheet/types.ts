import type {
  CadenceName,
  DeviceChoices,
  EncoderName,
  PresetName,
  Quality,
  Source,
  StorageState,
  StreamKind,
  StreamStatus,
} from "twincast";

/** The figures of one stream. A figure that is not known yet is null. */
export type StreamFigures = {
  stream: StreamKind;
  status: StreamStatus;
  quality: Quality | null;
  /** Acknowledged, kilobytes (1000 bytes) a second. */
  rateKBps: Source<number>;
  rateSeries: Source<readonly number[]>;
  /** From capture to the backend, ms: the median of the last chunks, and what 95 of 100 stay below. */
  delayMs: Source<number | null>;
  delayP95Ms: Source<number | null>;
  delaySeries: Source<readonly number[]>;
  /** Captured and not acknowledged yet. */
  keptBytes: Source<number>;
  /** Where those lie; null before a session. */
  storage: StorageState | null;
  roundTripMs: Source<number | null>;
  chunks: Source<number>;
  gaps: Source<number>;
  /** Frames that the camera gave and this device could not encode in time; null for audio. */
  droppedFrames: Source<number> | null;
  encoder: {
    name: EncoderName;
    /** Why this one, as capture says it. */
    reason: string;
    mimeType: string;
    /** e.g. `720 × 1280, 30 fps` or `48 kHz, mono`. */
    format: string;
  } | null;
};

export type StreamSettings = DeviceChoices & {
  preset: PresetName;
  cadence: CadenceName;
  cameraId: string | null;
  microphoneId: string | null;
  /** A session runs: its encoders keep what they began with. */
  locked: boolean;
};

export type DetailsProps = {
  streams: readonly StreamFigures[];
  settings: StreamSettings;
  onPreset: (preset: PresetName) => void;
  onCadence: (cadence: CadenceName) => void;
  onCamera: (deviceId: string) => void;
  onMicrophone: (deviceId: string) => void;
};

/** The same content as a panel that is always there, where the screen is wide. */
export type DetailsPanelProps = DetailsProps;

/** A modal sheet, where the screen is narrow. */
export type DetailsSheetProps = DetailsProps & { open: boolean; onClose: () => void };
