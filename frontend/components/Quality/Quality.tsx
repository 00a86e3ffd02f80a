import type { Quality as Measured, QualityLevel } from "twincast";
import { QUALITY_NAMES, qualityReason } from "@/components/shared/words";
import styles from "./Quality.module.css";

const LIT: Record<QualityLevel, number> = { excellent: 4, good: 3, poor: 1, lost: 0 };

const BARS = [1, 2, 3, 4];

/** How good the connection is and, in words, what was measured: bars alone help nobody. */
export function Quality({ level, cause }: Measured) {
  const bars = LIT[level];
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
        <bdi className={styles.name}>{QUALITY_NAMES[level]}</bdi>
        <bdi className={styles.reason}>{qualityReason({ level, cause })}</bdi>
      </span>
    </p>
  );
}
