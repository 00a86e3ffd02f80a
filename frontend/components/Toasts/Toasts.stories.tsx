import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fn, userEvent, waitFor } from "storybook/test";
import { gapNotification, linkNotification, statusNotification } from "@/app/telling/notifications";
import type { Notification } from "@/components/shared/notification";
import { OnPicture } from "../mocks/OnPicture";
import { Toasts } from "./Toasts";
import type { ToastMessage, ToastsProps } from "./types";

const cut = { kind: "reconnecting", attempt: 1, retryAtMs: null, keptMs: 0 } as const;
const live = { kind: "live", delayMs: 96 } as const;

const toast = (id: string, notification: Notification | null): ToastMessage => {
  if (!notification) throw new Error("There is nothing to tell.");
  return { id, ...notification };
};
const back = toast("back", statusNotification("video", cut, live));
const copied = toast("copied", linkNotification(false));
const lost = toast("lost", statusNotification("video", live, cut));
const gap = toast(
  "gap",
  gapNotification("video", { from: 3_120, to: 3_151, ms: 3_200, reason: "outbox-full" }),
);

/**
 * Notifications, below the badges so that those stay readable. Each goes after `durationMs`, by the cross, or by a
 * swipe up; a problem stays until it is sent away. F8 moves the keyboard there.
 */
const meta = {
  title: "Components/Toasts",
  component: Toasts,
  // it fills the screen: a frame of its own on the documentation page
  parameters: { docs: { story: { inline: false, height: "640px" } } },
  args: { toasts: [back], onDismiss: fn(), durationMs: Number.POSITIVE_INFINITY },
  decorators: [
    (Story) => (
      <OnPicture>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof Toasts>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Good: Story = {
  play: async ({ canvas }) => {
    await expect(await canvas.findByText("Video: live again")).toBeVisible();
  },
};
export const Info: Story = { args: { toasts: [copied] } };
export const Warning: Story = { args: { toasts: [lost] } };
export const Problem: Story = { args: { toasts: [gap] } };
export const Several: Story = { args: { toasts: [gap, lost, back] } };
export const LightTheme: Story = {
  name: "Several, light theme",
  globals: { theme: "light" },
  args: { toasts: [gap, lost, back] },
};

export const Dismissed: Story = {
  args: { toasts: [back, copied] },
  render: function Kept(args: ToastsProps) {
    const [toasts, setToasts] = useState(args.toasts);
    return (
      <Toasts
        {...args}
        toasts={toasts}
        onDismiss={(id) => setToasts(toasts.filter((toast) => toast.id !== id))}
      />
    );
  },
  play: async ({ canvas }) => {
    const crosses = await canvas.findAllByRole("button", { name: "Dismiss" });
    await expect(crosses).toHaveLength(2);
    const [first] = crosses;
    if (first) await userEvent.click(first);
    await waitFor(() => expect(canvas.getAllByRole("button", { name: "Dismiss" })).toHaveLength(1));
  },
};

/** It goes by itself, and says so to its owner exactly once. */
export const TimeIsOver: Story = {
  args: { toasts: [copied], durationMs: 50 },
  play: async ({ args }) => {
    await waitFor(() => expect(args.onDismiss).toHaveBeenCalledWith("copied"));
  },
};
