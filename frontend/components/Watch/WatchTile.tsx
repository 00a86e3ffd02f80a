"use client";

import type { WatchedStream } from "twincast/watch";
import { STREAM_NAMES } from "@/components/shared/words";
import { CameraIcon, EnlargeIcon, MicIcon, MicOffIcon, ReduceIcon, SoundIcon, SoundOffIcon } from "../icons";
import { formatDelay, formatRate } from "../shared/format";
import { LastMinute } from "./LastMinute";
import type { WatchTileProps } from "./types";
import styles from "./WatchTile.module.css";
import { soundStatusWords, statusWords } from "./watchWords";

/** One phone: its picture, what its streams are at, and its sound. */
export function WatchTile(props: WatchTileProps) {
  const { name, streams, picture, size, isHeard, onHear, onEnlarge } = props;
  const hasSound = streams.some(({ kind }) => kind === "audio");
  return (
    <article className={styles.tile} data-size={size} aria-label={name}>
      <div className={styles.picture} data-surface="video">
        {picture}
        <p className={styles.name}>{name}</p>
        <div className={styles.buttons}>
          {hasSound && (
            <button
              type="button"
              className={styles.button}
              aria-pressed={isHeard}
              aria-label={`Sound of ${name}`}
              title={isHeard ? "Sound off" : "Sound on"}
              onClick={() => onHear(!isHeard)}
            >
              {isHeard ? <SoundIcon /> : <SoundOffIcon />}
            </button>
          )}
          <button
            type="button"
            className={styles.button}
            aria-pressed={size === "large"}
            aria-label={`${name} large`}
            title={size === "large" ? "Back to all" : "Large"}
            onClick={() => onEnlarge(size !== "large")}
          >
            {size === "large" ? <ReduceIcon /> : <EnlargeIcon />}
          </button>
        </div>
      </div>
      {size !== "small" && (
        <div className={styles.streams}>
          {streams.map((stream) => (
            <StreamRow key={stream.kind} stream={stream} />
          ))}
        </div>
      )}
    </article>
  );
}

function StreamRow({ stream: { kind, status, figures } }: { stream: WatchedStream }) {
  const words = kind === "video" ? statusWords(status) : soundStatusWords(status);
  const Icon = kind === "video" ? CameraIcon : figures.muted ? MicOffIcon : MicIcon;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      role="group"
      aria-label={`${STREAM_NAMES[kind]} of this phone`}
      className={styles.stream}
      data-stream={kind}
      data-state={status.kind}
      data-tone={words.tone}
    >
      <Icon className={styles.icon} />
      <p className={styles.state}>
        <span className={styles.label}>{figures.muted ? `${words.label}, muted` : words.label}</span>
        {figures.delayMs !== null && (
          <span className={styles.figure} title="From capture to here">
            {formatDelay(figures.delayMs)}
          </span>
        )}
        <span className={styles.figure}>{formatRate(figures.rateKBps)}</span>
      </p>
      <LastMinute marks={figures.marks} of={STREAM_NAMES[kind]} />
      {words.detail && <p className={styles.detail}>{words.detail}</p>}
    </div>
  );
}
