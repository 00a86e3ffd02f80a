export type ToastTone = "info" | "good" | "warning" | "problem";

export type ToastMessage = {
  /** Unique among the toasts on screen. */
  id: string;
  tone: ToastTone;
  title: string;
  detail?: string;
};

export type ToastsProps = {
  toasts: readonly ToastMessage[];
  /** The person swiped it away, or its time is over. */
  onDismiss: (id: string) => void;
  /** How long a toast stays, ms. A `problem` stays until it is dismissed. */
  durationMs?: number;
};
