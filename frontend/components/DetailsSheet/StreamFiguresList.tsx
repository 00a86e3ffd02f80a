"use client";

import type { ReactNode } from "react";
import { QUALITY_NAMES, qualityReason, STREAM_NAMES } from "@/components/shared/words";
import { connectionWords } from "../ConnectionBadge/connectionWords";
import { CameraIcon, MicIcon } from "../icons";
import { Sparkline } from "../Sparkline";
import { formatBytes, formatDelay, formatRate } from "../shared/format";
import { LiveText } from "../shared/LiveText";
import styles from "./StreamFiguresList.module.css";
import type { StreamFigures } from "./types";

/** The line's full height: somewhat above what the balanced preset sends. */
const RATE_CEILING_KBPS = { video: 250, audio: 10 } as const;
/** Above this a conversation feels delayed; the line's full height. */
const DELAY_CEILING_MS = 250;

const formatMaybeDelay = (ms: number | null) => (ms === null ? "–" : formatDelay(ms));
const formatWhole = (count: number) => count.toLocaleString("en");

/** One stream's figures. Those that change are written past React; see LiveText. */
export function StreamFiguresList({ figures }: { figures: StreamFigures }) {
  const { stream, status, quality, encoder, storage } = figures;
  const name = STREAM_NAMES[stream];
  const words = connectionWords(stream, status);
  const Icon = stream === "video" ? CameraIcon : MicIcon;
  return (
    <section className={styles.stream} aria-label={name} data-stream={stream}>
      <header className={styles.head} data-tone={words.tone}>
        <Icon className={styles.icon} />
        <h3 className={styles.name}>{name}</h3>
        <p className={styles.status}>
          <words.Glyph className={styles.glyph} />
          <span>{words.label}</span>
        </p>
      </header>
      <p className={styles.sentence}>
        {quality ? `${QUALITY_NAMES[quality.level]}: ${qualityReason(quality)}` : words.detail}
      </p>
      {status.kind !== "absent" && (
        <>
          <div className={styles.charts}>
            <Chart
              term="Data rate"
              figure={<LiveText source={figures.rateKBps} format={formatRate} />}
              line={
                <Sparkline
                  series={figures.rateSeries}
                  ceiling={RATE_CEILING_KBPS[stream]}
                  label={`${name} data rate, last minute`}
                />
              }
            />
            <Chart
              term="Delay"
              figure={<LiveText source={figures.delayMs} format={formatMaybeDelay} />}
              line={
                <Sparkline
                  series={figures.delaySeries}
                  ceiling={DELAY_CEILING_MS}
                  label={`${name} delay, last minute`}
                />
              }
            />
          </div>
          <dl className={styles.figures}>
            <Figure term="95 of 100 chunks within">
              <LiveText source={figures.delayP95Ms} format={formatMaybeDelay} />
            </Figure>
            <Figure term="Kept on this device">
              <LiveText source={figures.keptBytes} format={formatBytes} />
            </Figure>
            {(storage === "none" || storage === "full") && (
              <Figure term="Kept if this page is lost">{NOT_STORED[storage]}</Figure>
            )}
            {"attempt" in status && <Figure term="Tries to connect">{formatWhole(status.attempt)}</Figure>}
            <Figure term="Round trip">
              <LiveText source={figures.roundTripMs} format={formatMaybeDelay} />
            </Figure>
            <Figure term="Chunks received">
              <LiveText source={figures.chunks} format={formatWhole} />
            </Figure>
            <Figure term="Gaps">
              <LiveText source={figures.gaps} format={formatWhole} />
            </Figure>
            {figures.droppedFrames && (
              <Figure term="Frames dropped by this device">
                <LiveText source={figures.droppedFrames} format={formatWhole} />
              </Figure>
            )}
            {encoder && (
              <>
                <Figure term="Format">{encoder.format}</Figure>
                <Figure term="Encoder">
                  <span translate="no">{ENCODERS[encoder.name]}</span>
                  <small className={styles.reason}>{encoder.reason}</small>
                </Figure>
                <Figure term="Type">
                  <code className={styles.code} translate="no">
                    {encoder.mimeType}
                  </code>
                </Figure>
              </>
            )}
          </dl>
        </>
      )}
    </section>
  );
}

const NOT_STORED = {
  none: "no: this browser gives no room",
  full: "no: the browser's storage is full",
} as const;

const ENCODERS = { "media-recorder": "MediaRecorder", webcodecs: "WebCodecs" } as const;

function Chart({ term, figure, line }: { term: string; figure: ReactNode; line: ReactNode }) {
  return (
    <div className={styles.chart}>
      <p className={styles.term}>{term}</p>
      <p className={styles.big}>{figure}</p>
      {line}
    </div>
  );
}

function Figure({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className={styles.figure}>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value}>{children}</dd>
    </div>
  );
}
