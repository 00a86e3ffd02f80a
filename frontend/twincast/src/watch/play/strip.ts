/** What happened to one stream in the last minute, for the eye. Pure. */
import type { StripMark, StripMarkKind } from "../../model/watch";

export const STRIP_MS = 60_000;
/** A stream that does worse than this has more marks than the strip has pixels. */
const MAX_MARKS = 120;

interface Mark {
  readonly kind: StripMarkKind;
  readonly from: number;
  /** Null while it lasts. */
  to: number | null;
}

export class Strip {
  #marks: Mark[] = [];

  /** Something lasts from now on; what lasts already is not begun again. */
  begin(kind: StripMarkKind, at: number): void {
    if (!this.#open(kind)) this.#push({ kind, from: at, to: null });
  }

  end(kind: StripMarkKind, at: number): void {
    const open = this.#open(kind);
    if (open) open.to = Math.max(open.from, at);
  }

  /** Something that is over. */
  add(kind: StripMarkKind, from: number, to: number): void {
    this.#push({ kind, from, to: Math.max(from, to) });
  }

  /** @returns places on the strip: 0 is a minute ago, 1 is now. */
  marks(now: number): StripMark[] {
    const begin = now - STRIP_MS;
    this.#marks = this.#marks.filter(({ to }) => to === null || to > begin);
    const place = (at: number) => Math.min(1, Math.max(0, (at - begin) / STRIP_MS));
    return this.#marks.map(({ kind, from, to }) => ({ kind, from: place(from), to: place(to ?? now) }));
  }

  #open(kind: StripMarkKind): Mark | undefined {
    return this.#marks.find((mark) => mark.kind === kind && mark.to === null);
  }

  #push(mark: Mark): void {
    this.#marks.push(mark);
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }
}
