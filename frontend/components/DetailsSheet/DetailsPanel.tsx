"use client";

import styles from "./DetailsPanel.module.css";
import { SettingsForm } from "./SettingsForm";
import { StreamFiguresList } from "./StreamFiguresList";
import type { DetailsPanelProps } from "./types";

/** Everything measured, per stream, and everything that can be set. */
export function DetailsPanel(props: DetailsPanelProps) {
  return (
    <div className={styles.panel}>
      {props.streams.map((figures) => (
        <StreamFiguresList key={figures.stream} figures={figures} />
      ))}
      <SettingsForm {...props} />
    </div>
  );
}
