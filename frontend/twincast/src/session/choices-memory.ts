/** What a person has chosen, kept in the browser from one visit to the next. */
import type { Device } from "../model/device";
import type { CadenceName, PresetName } from "../model/settings";
import { CADENCE_NAMES, PRESET_NAMES } from "../model/settings";

export interface Choices {
  readonly preset: PresetName;
  readonly cadence: CadenceName;
  /** The ids of the devices that were chosen; ids are a page's own, and gone with its permission in some browsers. */
  readonly devices: Partial<Record<Device, string>>;
}

export interface ChoicesMemory {
  read(): Choices;
  write(choices: Choices): void;
}

export const DEFAULT_CHOICES: Choices = { preset: "balanced", cadence: "chunks", devices: {} };

const KEY = "twincast.choices";

/** @param storage null, or one that throws, where the browser keeps nothing: everybody begins anew then. */
export function choicesMemory(storage: Pick<Storage, "getItem" | "setItem"> | null): ChoicesMemory {
  return {
    read: () => {
      try {
        return parseChoices(JSON.parse(storage?.getItem(KEY) ?? "null"));
      } catch {
        return DEFAULT_CHOICES;
      }
    },
    write: (choices) => {
      try {
        storage?.setItem(KEY, JSON.stringify(choices));
      } catch {
        // Full, or forbidden: what was chosen holds for this visit.
      }
    },
  };
}

/** Whatever an older page or a curious person has written there. */
function parseChoices(written: unknown): Choices {
  const { preset, cadence, devices } = record(written);
  const { camera, microphone } = record(devices);
  return {
    preset: PRESET_NAMES.find((name) => name === preset) ?? DEFAULT_CHOICES.preset,
    cadence: CADENCE_NAMES.find((name) => name === cadence) ?? DEFAULT_CHOICES.cadence,
    devices: {
      ...(typeof camera === "string" && { camera }),
      ...(typeof microphone === "string" && { microphone }),
    },
  };
}

const record = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
