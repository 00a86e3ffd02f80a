import styles from "./glyphs.module.css";

type GlyphProps = { className?: string | undefined };

export function IdleGlyph({ className }: GlyphProps) {
  return (
    <svg
      className={className}
      viewBox="0 0 24 24"
      width="1.25em"
      height="1.25em"
      fill="none"
      aria-hidden="true"
    >
      <circle cx="12" cy="12" r="5.5" stroke="currentColor" strokeWidth="2.5" />
    </svg>
  );
}

export function LiveGlyph({ className }: GlyphProps) {
  return (
    <svg className={className} viewBox="0 0 24 24" width="1.25em" height="1.25em" aria-hidden="true">
      <circle className={styles.halo} cx="12" cy="12" r="11" fill="currentColor" />
      <circle cx="12" cy="12" r="6.5" fill="currentColor" />
    </svg>
  );
}

export function SpinnerGlyph({ className }: GlyphProps) {
  return (
    <svg
      className={`${className ?? ""} ${styles.spinner}`}
      viewBox="0 0 24 24"
      width="1.25em"
      height="1.25em"
      fill="none"
      strokeWidth="3"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <circle cx="12" cy="12" r="8.5" stroke="currentColor" opacity="0.3" />
      <path d="M12 3.5a8.5 8.5 0 0 1 8.5 8.5" stroke="currentColor" />
    </svg>
  );
}
