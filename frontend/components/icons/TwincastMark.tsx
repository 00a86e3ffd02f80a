/** Two streams, side by side, from one place: the sign of Twincast, also in the favicon. */
export function TwincastMark({ className }: { className?: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
      <circle cx="12" cy="16" r="8.5" stroke="currentColor" strokeWidth="2.5" />
      <circle cx="20" cy="16" r="8.5" stroke="currentColor" strokeWidth="2.5" />
      <circle cx="16" cy="16" r="2.2" fill="var(--record)" />
    </svg>
  );
}
