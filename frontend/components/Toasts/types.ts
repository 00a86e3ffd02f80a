import type { Notification } from "@/components/shared/notification";

/** `id`: unique among the toasts on screen. */
export type ToastMessage = Pick<Notification, "tone" | "title" | "detail"> & { readonly id: string };

export type ToastsProps = {
  toasts: readonly ToastMessage[];
  /** The person swiped it away, or its time is over. */
  onDismiss: (id: string) => void;
  /** How long a toast stays, ms. A `problem` stays until it is dismissed. */
  durationMs?: number;
};
