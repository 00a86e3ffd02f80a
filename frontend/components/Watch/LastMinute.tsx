import styles from "./LastMinute.module.css";
import type { LastMinuteProps } from "./types";
import { MARK_NAMES, spellMarks } from "./watchWords";

/** The least that can be seen, as a share of the strip. */
const LEAST = 0.008;

/** What happened to one stream in the last minute: now is at the right. */
export function LastMinute({ marks, of }: LastMinuteProps) {
  const kinds = marks.map(({ kind }) => kind);
  return (
    <div className={styles.strip} role="img" aria-label={spellMarks(of, kinds)}>
      {marks.map(({ kind, from, to }, nth) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark is nothing but its place
          key={nth}
          className={styles.mark}
          data-mark={kind}
          title={MARK_NAMES[kind]}
          style={{
            insetInlineStart: `${100 * Math.min(from, 1 - LEAST)}%`,
            inlineSize: `${100 * Math.max(LEAST, to - from)}%`,
          }}
        />
      ))}
    </div>
  );
}
