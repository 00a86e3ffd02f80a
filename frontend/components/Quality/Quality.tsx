import styles from "./Quality.module.css";
import type { QualityLevel, QualityProps } from "./types";

const WORDS: Record<QualityLevel, { name: string; bars: number }> = {
  excellent: { name: "Excellent", bars: 4 },
  good: { name: "Good", bars: 3 },
  poor: { name: "Poor", bars: 1 },
  lost: { name: "Lost", bars: 0 },
};

const BARS = [1, 2, 3, 4];

/** How good the connection is and, in words, what was measured: bars alone help nobody. */
export function Quality({ level, reason }: QualityProps) {
  const { name, bars } = WORDS[level];
  return (
    <p className={styles.quality} data-level={level}>
      <svg className={styles.bars} viewBox="0 0 20 16" aria-hidden="true">
        {BARS.map((bar) => (
          <rect
            key={bar}
            className={bar <= bars ? styles.on : styles.off}
            x={(bar - 1) * 5.2}
            y={16 - bar * 4}
            width="3.6"
            height={bar * 4}
            rx="1.2"
          />
        ))}
        {bars === 0 && <path className={styles.cross} d="m1.5 1 16.5 14" />}
      </svg>
      <span className={styles.words}>
        <bdi className={styles.name}>{name}</bdi>
        <bdi className={styles.reason}>{reason}</bdi>
      </span>
    </p>
  );
}
