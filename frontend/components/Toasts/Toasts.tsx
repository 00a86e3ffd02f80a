"use client";

import * as Toast from "@radix-ui/react-toast";
import { AnimatePresence } from "framer-motion";
import * as m from "framer-motion/m";
import type { NotificationTone } from "@/components/shared/notification";
import { AlertIcon, CheckIcon, CrossIcon, type IconComponent, InfoIcon } from "../icons";
import { useEntrance } from "../Motion";
import styles from "./Toasts.module.css";
import type { ToastMessage, ToastsProps } from "./types";

const ICONS: Record<NotificationTone, IconComponent> = {
  info: InfoIcon,
  good: CheckIcon,
  warning: AlertIcon,
  problem: AlertIcon,
};

/** Radix speaks each toast by itself, into this: beside `LiveRegion` everything would be said twice. */
const UNHEARD = typeof document === "undefined" ? undefined : document.createElement("div");

const ABOVE = { opacity: 0, y: -24, scale: 0.96 };

/** Notifications, newest first, for the eye: `LiveRegion` says them. F8 moves the keyboard to them; a swipe up, or the cross, sends one away. */
export function Toasts({ toasts, onDismiss, durationMs = 5000 }: ToastsProps) {
  return (
    <Toast.Provider
      swipeDirection="up"
      duration={durationMs}
      label="Notification"
      {...(UNHEARD && { announcerContainer: UNHEARD })}
    >
      <AnimatePresence>
        {newestFirst(toasts).map((toast) => (
          <OneToast key={toast.id} toast={toast} onDismiss={onDismiss} />
        ))}
      </AnimatePresence>
      <Toast.Viewport className={styles.viewport} data-surface="page" label="Notifications ({hotkey})" />
    </Toast.Provider>
  );
}

/** Where there is little room, the newest is what is seen. */
function newestFirst(toasts: readonly ToastMessage[]): readonly ToastMessage[] {
  return toasts.toReversed();
}

function OneToast({ toast, onDismiss }: { toast: ToastMessage; onDismiss: (id: string) => void }) {
  const Icon = ICONS[toast.tone];
  const entrance = useEntrance(ABOVE);
  const stays = toast.tone === "problem";
  return (
    <Toast.Root
      asChild
      forceMount
      // a problem interrupts a screen reader, the others wait for a pause
      type={stays ? "foreground" : "background"}
      {...(stays ? { duration: Number.POSITIVE_INFINITY } : {})}
      onOpenChange={(open) => {
        if (!open) onDismiss(toast.id);
      }}
    >
      <m.li
        className={styles.toast}
        data-tone={toast.tone}
        initial={entrance}
        animate={{ opacity: 1, y: 0, scale: 1 }}
        exit={{ opacity: 0, scale: 0.94, transition: { duration: 0.16 } }}
        transition={{ type: "spring", duration: 0.4, bounce: 0.2 }}
      >
        <Icon className={styles.icon} />
        <div className={styles.words}>
          <Toast.Title className={styles.title}>{toast.title}</Toast.Title>
          {toast.detail && <Toast.Description className={styles.detail}>{toast.detail}</Toast.Description>}
        </div>
        <Toast.Close className={styles.close} aria-label="Dismiss">
          <CrossIcon />
        </Toast.Close>
      </m.li>
    </Toast.Root>
  );
}
