import type { MeterOrder } from "./meterPainter";

/** What the page says to the meter's worker. `id` is the canvas's for as long as there is one. */
export type MeterWorkerCommand =
  | { readonly kind: "canvas"; readonly id: number; readonly canvas: OffscreenCanvas }
  | { readonly kind: "order"; readonly id: number; readonly order: MeterOrder }
  | { readonly kind: "gone"; readonly id: number };

/** What it says: its code has come; it is still there. */
export type MeterWorkerEvent = "ready" | "alive";

/** How many orders it takes for one word that it is still there: about a second's. */
export const ORDERS_PER_ANSWER = 12;
