"use client";

import { useEffect, useRef } from "react";
import type { Device, PermissionState } from "twincast";
import {
  AlertIcon,
  BrowserIcon,
  CameraIcon,
  CameraOffIcon,
  type IconComponent,
  LinkIcon,
  LockIcon,
  MicIcon,
  MicOffIcon,
  QuestionIcon,
} from "../icons";
import { cx } from "../shared/cx";
import styles from "./PermissionGate.module.css";
import { type GateAction, permissionWords } from "./permissionWords";
import type { PermissionGateProps } from "./types";

/** Why there is no picture yet, and what to do about it. */
export function PermissionGate(props: PermissionGateProps) {
  const { state, platform, host, pageOrigin } = props;
  const words = permissionWords(state, platform, { host, pageOrigin });
  const title = useRef<HTMLHeadingElement>(null);
  const shown = useRef(state.kind);
  useEffect(() => {
    if (shown.current === state.kind) return;
    shown.current = state.kind;
    // The pressed button is gone: without this, the keyboard starts at the top and a screen reader stays silent.
    title.current?.focus();
  }, [state.kind]);
  return (
    <section className={styles.gate} data-state={state.kind} aria-labelledby="permission-gate-title">
      <div className={styles.words}>
        <Emblem state={state} />
        <h1 id="permission-gate-title" ref={title} tabIndex={-1} className={styles.title}>
          {words.title}
        </h1>
        <p className={styles.lead}>{words.lead}</p>
        {state.kind === "before-asking" && <WhatIsSent />}
        {words.steps.length > 0 && (
          <ol className={styles.steps}>
            {words.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        )}
        {words.note && <p className={styles.note}>{words.note}</p>}
        {words.technical && <p className={styles.technical}>{words.technical}</p>}
      </div>
      <div className={styles.actions}>
        {words.busy && (
          <p className={styles.busy}>
            <span className={styles.spinner} aria-hidden="true" />
            <span>Waiting for your answer</span>
          </p>
        )}
        {words.actions
          .map((action, index) => (
            <ActionButton key={action.label} action={action} primary={index === 0} events={props} />
          ))
          .toReversed()}
      </div>
    </section>
  );
}

function ActionButton({
  action,
  primary,
  events,
}: {
  action: GateAction;
  primary: boolean;
  events: PermissionGateProps;
}) {
  const className = cx(styles.button, primary ? styles.primary : styles.secondary);
  switch (action.kind) {
    case "ask":
      return (
        <button
          type="button"
          className={className}
          // before the page's code is there, a press is kept
          data-early={primary || undefined}
          onClick={() => events.onAsk(action.without)}
        >
          {action.label}
        </button>
      );
    case "copy-link":
      return (
        <button type="button" className={className} onClick={events.onCopyLink}>
          <LinkIcon />
          <span>{action.label}</span>
        </button>
      );
  }
}

function WhatIsSent() {
  return (
    <ul className={styles.sent}>
      <li>
        <CameraIcon className={styles.sentIcon} />
        <span>
          <strong>Camera</strong>
          <span>One video stream</span>
        </span>
      </li>
      <li>
        <MicIcon className={styles.sentIcon} />
        <span>
          <strong>Microphone</strong>
          <span>One audio stream of its own</span>
        </span>
      </li>
    </ul>
  );
}

/** Two rings, one per device: what is missing is crossed out. */
function Emblem({ state }: { state: PermissionState }) {
  const icons = emblemOf(state);
  return (
    <div className={styles.emblem} data-count={icons.length} aria-hidden="true">
      {icons.map((Icon) => (
        <span key={Icon.displayName} className={styles.disc}>
          <Icon className={styles.discIcon} />
        </span>
      ))}
    </div>
  );
}

function emblemOf(state: PermissionState): readonly IconComponent[] {
  switch (state.kind) {
    case "before-asking":
    case "asking":
      return [CameraIcon, MicIcon];
    case "unanswered":
    case "dismissed":
      return [QuestionIcon];
    case "denied":
    case "blocked-by-system":
    case "blocked-by-frame":
      return crossedOut(state.device);
    case "no-device":
      return crossedOut(state.missing);
    case "in-use":
      return crossedOut(state.device);
    case "insecure-address":
    case "insecure-frame":
      return [LockIcon];
    case "unsupported-browser":
    case "in-app-browser":
      return [BrowserIcon];
    case "failed":
      return [AlertIcon];
  }
}

function crossedOut(missing: Device | "both"): readonly IconComponent[] {
  return [missing === "microphone" ? CameraIcon : CameraOffIcon, missing === "camera" ? MicIcon : MicOffIcon];
}
