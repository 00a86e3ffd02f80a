import type { ChangeResult } from "./open-track";

/** Requests for one device, one at a time: what comes for an earlier one is let go. */
export class SingleRequest {
  #generation = 0;
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a request that is made after this call is still the newest, and waits for its answer. */
  expectNext(): () => boolean {
    const own = this.#generation + 1;
    return () => own === this.#generation && this.#isOpen;
  }

  /**
   * @param isWanted whether the device is still needed when the answer comes.
   * @returns null when nobody waits for the answer any more.
   */
  async make(open: () => Promise<ChangeResult>, isWanted: () => boolean): Promise<ChangeResult | null> {
    const own = ++this.#generation;
    this.#isOpen = true;
    const result = await open();
    const isLate = own !== this.#generation;
    if (!isLate) this.#isOpen = false;
    if (!isLate && isWanted()) return result;
    if (result.kind === "granted") result.track.stop();
    return null;
  }

  /** Nobody waits any more for what was asked. */
  forget(): void {
    this.#generation++;
  }
}
