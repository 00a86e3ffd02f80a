/**
 * Opens the place where a stream's host runs: a worker of its own, or the page where none is to be had. What is sent
 * before it runs waits for it. It watches the worker from then on: an iPhone ends workers without a word
 * (https://bugs.webkit.org/show_bug.cgi?id=211018).
 */
import type { Clock } from "../clock";
import { releaseCommand, type WorkerCommand, type WorkerEvent } from "./commands";

export interface HostPort {
  post(command: WorkerCommand): void;
  /** Ends the host; nothing comes from it any more. */
  close(): void;
}

export interface HostEvents {
  event(event: WorkerEvent): void;
  /** It does not run, or runs no more. */
  failed(detail: string): void;
}

export interface HostOpeners {
  readonly clock: Clock;
  /** @throws where workers cannot be had. */
  readonly openWorker: (events: HostEvents) => HostPort;
  /** Rejects when its code does not load. */
  readonly openOnPage: (events: HostEvents) => Promise<HostPort>;
}

export interface OpenHostEvents {
  event(event: WorkerEvent): void;
  /** It has given no sign of life for a while, and may yet. */
  silent(): void;
  /** It runs no more, or nowhere. @param hadLoaded whether it ever ran. */
  lost(detail: string, hadLoaded: boolean): void;
}

/** For a host's code to arrive, in a worker and then on the page. */
const LOAD_MS = 5_000;
/**
 * A tick of the page's without a word from the worker is a silent one. Counted in ticks and not by a clock: a page that
 * slept, or whose clock was set, does not judge its worker by it.
 */
const WATCH_MS = 500;
/** So many silent ticks are told: what the screen says of the stream is not so any more. */
const DOUBT_TICKS = 4;
/** After so many the worker is taken for lost. */
const SILENT_TICKS = 8;

type State =
  | { readonly kind: "worker" | "page"; readonly waiting: WorkerCommand[] }
  | { readonly kind: "running" }
  | { readonly kind: "closed" };

export function openHost({ clock, openWorker, openOnPage }: HostOpeners, told: OpenHostEvents): HostPort {
  let state: State = { kind: "worker", waiting: [] };
  let port: HostPort | null = null;
  /** Events of an attempt that was given up are no one's. */
  let attempt = 0;
  let silentTicks = 0;
  let cancelTimer = () => {};

  const leave = () => {
    attempt++;
    cancelTimer();
    const left = port;
    port = null;
    left?.close();
  };
  const close = () => {
    if (state.kind === "worker" || state.kind === "page") state.waiting.forEach(releaseCommand);
    state = { kind: "closed" };
    leave();
  };
  const lose = (detail: string) => {
    const hadLoaded = state.kind === "running";
    close();
    told.lost(detail, hadLoaded);
  };

  const watch = () => {
    cancelTimer = clock.after(WATCH_MS, () => {
      silentTicks++;
      if (silentTicks >= SILENT_TICKS) return lose("it gave no sign of life");
      if (silentTicks === DOUBT_TICKS) told.silent();
      watch();
    });
  };
  const run = () => {
    if (state.kind !== "worker" && state.kind !== "page") return;
    const { waiting } = state;
    cancelTimer();
    state = { kind: "running" };
    silentTicks = 0;
    watch();
    for (const command of waiting) port?.post(command);
  };

  const events = (whenItFails: (detail: string) => void): HostEvents => {
    const own = ++attempt;
    return {
      event: (event) => {
        if (own !== attempt) return;
        silentTicks = 0;
        if (event.kind === "loaded") run();
        else told.event(event);
      },
      failed: (detail) => {
        if (own !== attempt) return;
        if (state.kind === "running") lose(detail);
        else whenItFails(detail);
      },
    };
  };

  const moveToPage = () => {
    leave();
    state = { kind: "page", waiting: state.kind === "worker" ? state.waiting : [] };
    const given = events(lose);
    const own = attempt;
    cancelTimer = clock.after(LOAD_MS, () => lose(`its code did not come in ${LOAD_MS} ms`));
    openOnPage(given).then(
      (opened) => {
        if (own !== attempt) return opened.close();
        port = opened;
        run();
      },
      (cause: unknown) => given.failed(String(cause)),
    );
  };

  try {
    port = openWorker(events(moveToPage));
    cancelTimer = clock.after(LOAD_MS, moveToPage);
  } catch {
    moveToPage();
  }

  return {
    post: (command) => {
      if (state.kind === "running") port?.post(command);
      else if (state.kind === "closed") releaseCommand(command);
      else state.waiting.push(command);
    },
    close,
  };
}
