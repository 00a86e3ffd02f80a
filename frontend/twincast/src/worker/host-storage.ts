/** The files in which a stream's sender keeps what outlives its page: opened in their own time, removed with its end. */
import type { StreamKind } from "../model/stream";
import type { StreamStorage } from "../storage";
import type { SenderStatus, StreamSender } from "../transport";
import type { SendOptions } from "./commands";

export interface StorageEnvironment {
  /** Null where the browser has no such files to give. */
  readonly openStorage: (session: string, stream: StreamKind) => Promise<StreamStorage | null>;
}

export class HostStorage {
  readonly #environment: StorageEnvironment;
  #storage: StreamStorage | null = null;
  #isOver = false;

  constructor(environment: StorageEnvironment) {
    this.#environment = environment;
  }

  /** Where they come late or never, what is kept is lost with the page. */
  async openFor(sender: StreamSender, options: SendOptions): Promise<void> {
    const storage = await this.#open(options);
    sender.attachKeeper(storage?.keep ?? null);
  }

  /** @returns what a former page stored, or null. */
  async restore(options: SendOptions) {
    const storage = await this.#open(options);
    const stored = storage?.load();
    return storage && stored ? { stored, keep: storage.resume } : null;
  }

  /** @param mayBeTaken whether what is refused stays, for the person to discard: another backend may take it. */
  follow({ delivery: { kind } }: SenderStatus, mayBeTaken: boolean): void {
    if (kind === "ended" || kind === "abandoned" || (kind === "failed" && !mayBeTaken)) this.remove();
  }

  remove(): void {
    this.#isOver = true;
    void this.#storage?.remove();
    this.#storage = null;
  }

  async #open({ session, stream }: SendOptions): Promise<StreamStorage | null> {
    const storage = await this.#environment.openStorage(session, stream).catch(() => null);
    this.#storage = storage;
    if (!this.#isOver) return storage;
    this.remove();
    return null;
  }
}
