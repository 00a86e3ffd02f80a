"use client";

import { useId } from "react";
import type { CadenceName, DeviceChoice, PresetName } from "twincast";
import styles from "./SettingsForm.module.css";
import type { DetailsProps } from "./types";

const PRESETS: readonly Option<PresetName>[] = [
  { value: "data-saver", name: "Data saver", says: "Smaller picture, for slow or costly networks." },
  { value: "balanced", name: "Balanced", says: "A clear picture that most mobile networks carry." },
  { value: "sharp", name: "Sharp", says: "The best picture, for Wi-Fi and 5G." },
];

const CADENCES: readonly Option<CadenceName>[] = [
  { value: "chunks", name: "Chunks", says: "Ten a second: least work for phone and backend." },
  { value: "realtime", name: "Real time", says: "Each picture at once: least delay, more battery." },
];

/** What can be chosen. While a session runs, the form says when. */
export function SettingsForm({ settings, onPreset, onCadence, onCamera, onMicrophone }: DetailsProps) {
  const { locked } = settings;
  return (
    <form className={styles.form} aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      {locked && <p className={styles.locked}>These can be changed before Start and after Stop.</p>}
      <Choice
        legend="Picture"
        options={PRESETS}
        chosen={settings.preset}
        onChoose={onPreset}
        disabled={locked}
      />
      <Choice
        legend="Sending"
        options={CADENCES}
        chosen={settings.cadence}
        onChoose={onCadence}
        disabled={locked}
      />
      <Device
        label="Camera"
        choices={settings.cameras}
        chosen={settings.cameraId}
        onChoose={onCamera}
        disabled={locked}
      />
      <Device
        label="Microphone"
        choices={settings.microphones}
        chosen={settings.microphoneId}
        onChoose={onMicrophone}
        disabled={locked}
      />
    </form>
  );
}

type Option<T extends string> = { value: T; name: string; says: string };

function Choice<T extends string>(props: {
  legend: string;
  options: readonly Option<T>[];
  chosen: T;
  onChoose: (value: T) => void;
  disabled: boolean;
}) {
  const group = useId();
  const chosen = props.options.find((option) => option.value === props.chosen);
  return (
    <fieldset className={styles.choice} disabled={props.disabled} aria-describedby={`${group}-says`}>
      <legend className={styles.legend}>{props.legend}</legend>
      <div className={styles.segments}>
        {props.options.map((option) => (
          <label key={option.value} className={styles.segment}>
            <input
              type="radio"
              className={styles.radio}
              name={group}
              value={option.value}
              checked={option.value === props.chosen}
              onChange={() => props.onChoose(option.value)}
            />
            <span className={styles.name}>{option.name}</span>
          </label>
        ))}
      </div>
      <p id={`${group}-says`} className={styles.says}>
        {chosen?.says}
      </p>
    </fieldset>
  );
}

function Device(props: {
  label: string;
  choices: readonly DeviceChoice[];
  chosen: string | null;
  onChoose: (deviceId: string) => void;
  disabled: boolean;
}) {
  const id = useId();
  const none = props.choices.length === 0;
  return (
    <div className={styles.device}>
      <label htmlFor={id} className={styles.legend}>
        {props.label}
      </label>
      <select
        id={id}
        className={styles.select}
        value={props.chosen ?? ""}
        disabled={props.disabled || none}
        onChange={(event) => props.onChoose(event.target.value)}
      >
        {none && <option value="">None found</option>}
        {props.choices.map((choice) => (
          <option key={choice.deviceId} value={choice.deviceId}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}
