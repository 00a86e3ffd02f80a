/**
 * What a page of `/watch` is about: which phones there are, which of them is heard and which is large. It asks for the
 * list again and again while somebody looks.
 */

import type { Clock } from "../clock";
import type { WatchAccess } from "../model/watch";
import { Store } from "../session/store";
import { phoneName } from "./phone-name";
import type { SoundOutput } from "./viewer/sound-output";
import { type OpenViewer, WatchedPhone } from "./viewer/watched-phone";
import type { ListedPhone, WatchApi, WatchListing } from "./watch-list";

export interface WatchSessionOptions {
  readonly socketUrl: string;
  readonly api: Pick<WatchApi, "list" | "tokenFor">;
  readonly openViewer: OpenViewer;
  readonly sound: Pick<SoundOutput, "open" | "close">;
  readonly clock: Clock;
  /** A Web API without which nothing can be shown; null where all are there. */
  readonly missing: string | null;
  /** What the page's address gave. */
  readonly key: string | null;
}

const LIST_EVERY_MS = 2_000;
/** How long the last words of a phone that is over stay. */
const KEEP_ENDED_MS = 20_000;

/**
 * The phones that a backend receives now, for a page that shows them: it asks for their list every 2 s while
 * somebody looks. No call throws or rejects: what goes wrong stands in `access`, or in a phone's `streams`.
 */
export class WatchSession {
  /**
   * Whether this page may watch, and else why not. While there are phones, their streams tell whether the
   * backend is silent.
   */
  readonly access: Store<WatchAccess>;
  /** Those that are live, and for 20 s those that are over. Changes when one comes or goes. */
  readonly phones = new Store<readonly WatchedPhone[]>([]);
  /** Whether the backend writes what it receives to files; false until it has said so. */
  readonly hasRecordings = new Store(false);
  /** The watch id of the phone that is heard, or large. */
  readonly heard = new Store<string | null>(null);
  /** The same of the one that the page shows large; null for none. */
  readonly large = new Store<string | null>(null);
  readonly #options: WatchSessionOptions;
  /** Phones that are over, until nobody lists them any more; the `gone` ones are new when somebody does again. */
  readonly #over = new Map<string, { readonly sinceMs: number; isGone: boolean }>();
  /** What opens the backend; null while nothing had to. */
  #token: string | null = null;
  /** To be exchanged for a token; kept until that has come about and no longer. */
  #key: string | null;
  #isVisible = true;
  #cancelTimer: () => void = () => {};
  /** Answers to a question of another time are no one's. */
  #round = 0;

  constructor(options: WatchSessionOptions) {
    this.#options = options;
    this.#key = options.key;
    this.access = new Store<WatchAccess>(
      options.missing === null
        ? { kind: "looking" }
        : { kind: "unsupported-browser", missing: options.missing },
    );
  }

  /** What opens a guarded backend, for whatever else this page asks it. */
  get token(): string | null {
    return this.#token;
  }

  /** Asks for the list, again and again until that is `not-allowed`. In an `unsupported-browser` it does nothing. */
  start(): void {
    void this.#look();
  }

  /** The person gave the secret, or a token. */
  give(secret: string): void {
    this.#key = secret;
    void this.#look();
  }

  /** The network may be back: asks for the list at once, and tells the phones. */
  retry(): void {
    for (const phone of this.phones.get()) phone.retry();
    void this.#look();
  }

  /** Tells whether somebody looks, and tells the phones; where not, no list is asked for. */
  visible(visible: boolean): void {
    this.#isVisible = visible;
    for (const phone of this.phones.get()) phone.visible(visible);
    if (visible) void this.#look();
  }

  /** Call it from the click itself. @param watchId null for silence. */
  async hear(watchId: string | null): Promise<void> {
    this.#phone(this.heard.get())?.hear(null);
    this.heard.set(watchId);
    if (watchId === null) return;
    try {
      const sound = await this.#options.sound.open();
      const phone = this.#phone(watchId);
      if (this.heard.get() === watchId && phone) phone.hear(sound);
      else sound.close();
    } catch {
      // No loudspeaker, or none for this page: the button says that it is off.
      if (this.heard.get() === watchId) this.heard.set(null);
    }
  }

  /** Notes in `large` which phone the page shows large. @param watchId null for none. */
  enlarge(watchId: string | null): void {
    this.large.set(watchId);
  }

  /** Lets all phones and the loudspeaker go. `start` begins anew, and so do `give`, `retry` and `visible`. */
  close(): void {
    this.#round++;
    this.#cancelTimer();
    this.#closeAll();
    this.#options.sound.close();
  }

  async #look(): Promise<void> {
    if (this.#options.missing !== null) return;
    const round = ++this.#round;
    this.#cancelTimer();
    const found = await this.#ask();
    if (round !== this.#round) return;
    this.#take(found);
    if (this.#isVisible && found.kind !== "not-allowed") {
      this.#cancelTimer = this.#options.clock.after(LIST_EVERY_MS, () => void this.#look());
    }
  }

  async #ask(): Promise<WatchListing> {
    const { api } = this.#options;
    const key = this.#key;
    if (key !== null) {
      const issued = await api.tokenFor(key);
      if (issued.kind === "silent") return issued;
      if (this.#key === key) this.#key = null;
      // A token that somebody was given opens as it is, and gets no other.
      this.#token = issued.kind === "token" ? issued.token : key;
    }
    return api.list(this.#token);
  }

  #take(found: WatchListing): void {
    switch (found.kind) {
      case "not-allowed":
        this.access.set({ kind: "not-allowed", wasRefused: this.#token !== null });
        this.#token = null;
        this.#closeAll();
        return;
      case "switched-off":
        this.access.set({ kind: found.kind });
        return;
      case "silent":
        // What is being watched says itself how it is; with nothing on the screen the page does.
        if (this.phones.get().length === 0) this.access.set({ kind: "silent" });
        return;
      case "phones":
        if (this.access.get().kind !== "open") this.access.set({ kind: "open" });
        this.hasRecordings.set(found.hasRecordings);
        this.#list(found);
    }
  }

  #list({ phones: listed }: Extract<WatchListing, { kind: "phones" }>): void {
    const now = this.#options.clock.now();
    const known = this.phones.get();
    const isListed = (watchId: string) => listed.some((one) => one.watchId === watchId);
    const kept = known.filter((phone) => {
      const { watchId } = phone;
      if (isListed(watchId) && !phone.isOver) {
        this.#over.delete(watchId);
        return true;
      }
      const over = this.#over.get(watchId) ?? { sinceMs: now, isGone: false };
      this.#over.set(watchId, over);
      // Back at a backend that did not know it for a while: what is over is another connection's.
      if (isListed(watchId) && over.isGone) return false;
      over.isGone ||= !isListed(watchId);
      return now - over.sinceMs < KEEP_ENDED_MS;
    });
    for (const phone of known) if (!kept.includes(phone)) this.#forget(phone);
    for (const [watchId, { isGone }] of this.#over) {
      const isKept = kept.some((phone) => phone.watchId === watchId);
      if (!isKept && (isGone || !isListed(watchId))) this.#over.delete(watchId);
    }
    const added = listed.flatMap((one) => {
      const { watchId, kinds } = one;
      const already = kept.find((phone) => phone.watchId === watchId);
      for (const kind of kinds) already?.add(kind);
      return already || this.#over.has(watchId) ? [] : [this.#make(one)];
    });
    if (added.length > 0 || kept.length < known.length) this.phones.set([...kept, ...added]);
  }

  #make({ watchId, kinds, userAgent }: ListedPhone): WatchedPhone {
    const { socketUrl, openViewer } = this.#options;
    const phone = new WatchedPhone(
      { watchId, name: phoneName(watchId, userAgent), socketUrl, token: this.#token, openViewer },
      kinds,
    );
    phone.visible(this.#isVisible);
    // The sound went with its worker; the loudspeaker is open since the click.
    phone.generation.subscribe(() => {
      if (this.heard.get() === watchId) void this.hear(watchId);
    });
    return phone;
  }

  #forget(phone: WatchedPhone): void {
    if (this.heard.get() === phone.watchId) this.heard.set(null);
    if (this.large.get() === phone.watchId) this.large.set(null);
    phone.close();
  }

  #closeAll(): void {
    for (const phone of this.phones.get()) this.#forget(phone);
    this.phones.set([]);
    this.#over.clear();
  }

  #phone(watchId: string | null): WatchedPhone | undefined {
    return this.phones.get().find((phone) => phone.watchId === watchId);
  }
}
