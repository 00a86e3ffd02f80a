"use client";

import { useLayoutEffect, useRef } from "react";
import { CrossIcon } from "../icons";
import { DetailsPanel } from "./DetailsPanel";
import styles from "./DetailsSheet.module.css";
import type { DetailsSheetProps } from "./types";

/** The details over the page. The browser's own dialog brings focus in, keeps it there, and gives it back. */
export function DetailsSheet({ open, onClose, ...details }: DetailsSheetProps) {
  const title = useRef<HTMLHeadingElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) {
      element.showModal();
      // the title first, not a ring around the cross
      title.current?.focus();
    }
    if (!open && element.open) element.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it from the keyboard
    <dialog
      ref={dialog}
      className={styles.sheet}
      data-surface="page"
      aria-labelledby="details-sheet-title"
      onClose={onClose}
      onClick={(event) => {
        // the dialog's own box is covered by its content: what hits it is the backdrop
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          <h2 id="details-sheet-title" ref={title} tabIndex={-1} className={styles.title}>
            Details
          </h2>
          <button
            type="button"
            className={styles.close}
            aria-label="Close details"
            onClick={() => dialog.current?.close()}
          >
            <CrossIcon />
          </button>
        </header>
        {/* not while closed: nobody needs figures that nobody sees */}
        {open && <DetailsPanel {...details} />}
      </div>
    </dialog>
  );
}
