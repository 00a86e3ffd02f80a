"use client";

import { useLayoutEffect, useRef } from "react";
import styles from "./StopQuestion.module.css";

export type StopQuestionProps = {
  isOpen: boolean;
  /** How long the session has run, as a person says it. */
  lasted: string;
  onStop: () => void;
  onGoOn: () => void;
};

/** Before a long session is ended: a slip of the thumb must not. The browser's dialog takes focus and gives it back. */
export function StopQuestion({ isOpen, lasted, onStop, onGoOn }: StopQuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      className={styles.question}
      data-surface="page"
      aria-labelledby="stop-question-title"
      aria-describedby="stop-question-lead"
      onClose={onGoOn}
    >
      {isOpen && (
        <div className={styles.content}>
          <h2 id="stop-question-title" className={styles.title}>
            End this session?
          </h2>
          <p id="stop-question-lead" className={styles.lead}>
            {`It has run for ${lasted}. What is not sent yet is still sent.`}
          </p>
          <button type="button" className={styles.goOn} onClick={onGoOn}>
            Go on streaming
          </button>
          <button type="button" className={styles.stop} onClick={onStop}>
            End it
          </button>
        </div>
      )}
    </dialog>
  );
}
