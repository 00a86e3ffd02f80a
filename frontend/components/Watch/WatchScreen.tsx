import { type FormEvent, useId } from "react";
import type { WatchAccess } from "twincast/watch";
import { AlertIcon, CameraIcon, InfoIcon, LockIcon } from "../icons";
import { TwincastMark } from "../icons/TwincastMark";
import type { WatchScreenProps } from "./types";
import styles from "./WatchScreen.module.css";
import { accessWords } from "./watchWords";

/** What the backend receives, as pictures and sound. */
export function WatchScreen(props: WatchScreenProps) {
  const { access, tiles, hasLargeTile, recordings, pageOrigin, onGive, onRetry } = props;
  return (
    <div className={styles.page} data-surface="page">
      <header className={styles.head}>
        <TwincastMark className={styles.mark} />
        <h1 className={styles.title}>
          <span translate="no">Twincast</span>
          <span className={styles.what}>Watch</span>
        </h1>
        {access.kind === "open" && tiles.length > 0 && (
          <p className={styles.count}>{tiles.length === 1 ? "1 phone" : `${tiles.length} phones`}</p>
        )}
      </header>
      <main className={styles.main}>
        {access.kind !== "open" ? (
          <AccessNotice access={access} pageOrigin={pageOrigin} onGive={onGive} onRetry={onRetry} />
        ) : tiles.length === 0 ? (
          <NothingLive />
        ) : (
          <section
            className={styles.grid}
            aria-label="Live"
            data-count={tiles.length === 1 ? "one" : "many"}
            data-large={hasLargeTile}
          >
            {tiles}
          </section>
        )}
        {recordings}
      </main>
    </div>
  );
}

function NothingLive() {
  return (
    <section className={styles.notice} data-state="nothing-live">
      <CameraIcon className={styles.noticeIcon} />
      <h2 className={styles.noticeTitle}>Nothing is live</h2>
      <p>Press Start on a phone. It appears here by itself.</p>
    </section>
  );
}

type AccessNoticeProps = Pick<WatchScreenProps, "pageOrigin" | "onGive" | "onRetry"> & {
  access: Exclude<WatchAccess, { kind: "open" }>;
};

function AccessNotice({ access, pageOrigin, onGive, onRetry }: AccessNoticeProps) {
  const { title, lines, canRetry } = accessWords(access, pageOrigin);
  const Icon = access.kind === "not-allowed" ? LockIcon : access.kind === "looking" ? InfoIcon : AlertIcon;
  return (
    <section
      className={styles.notice}
      data-state={access.kind}
      role={access.kind === "looking" ? "status" : "alert"}
    >
      <Icon className={styles.noticeIcon} />
      <h2 className={styles.noticeTitle}>{title}</h2>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {access.kind === "not-allowed" && <SecretForm onGive={onGive} />}
      {canRetry && (
        <button type="button" className={styles.retry} onClick={onRetry}>
          Check again
        </button>
      )}
    </section>
  );
}

function SecretForm({ onGive }: Pick<WatchScreenProps, "onGive">) {
  const id = useId();
  const give = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const secret = new FormData(event.currentTarget).get("secret");
    if (typeof secret === "string" && secret.trim()) onGive(secret.trim());
  };
  return (
    <form className={styles.form} onSubmit={give}>
      <label htmlFor={id}>Key or token</label>
      <input
        id={id}
        name="secret"
        type="password"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        required
        className={styles.input}
      />
      <button type="submit" className={styles.retry}>
        Watch
      </button>
    </form>
  );
}
