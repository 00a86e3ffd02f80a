import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fn, userEvent, waitFor } from "storybook/test";
import { OnPicture } from "../mocks/OnPicture";
import { Toasts } from "./Toasts";
import type { ToastMessage, ToastsProps } from "./types";

const back: ToastMessage = {
  id: "back",
  tone: "good",
  title: "Video is back",
  detail: "8.2 s were kept and are sent now.",
};
const copied: ToastMessage = { id: "copied", tone: "info", title: "Link copied" };
const behind: ToastMessage = {
  id: "behind",
  tone: "warning",
  title: "The network is slow",
  detail: "Video quality is lowered to keep up.",
};
const lost: ToastMessage = {
  id: "lost",
  tone: "problem",
  title: "3.2 s of video are lost",
  detail: "This phone could keep no more.",
};

/**
 * News that pass, below the badges so that those stay readable. Each goes after five seconds, by the cross, or by a
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
    await expect(await canvas.findByText("Video is back")).toBeVisible();
  },
};
export const Info: Story = { args: { toasts: [copied] } };
export const Warning: Story = { args: { toasts: [behind] } };
export const Problem: Story = { args: { toasts: [lost] } };
export const Several: Story = { args: { toasts: [lost, behind, back] } };
export const InLight: Story = { globals: { theme: "light" }, args: { toasts: [lost, behind, back] } };

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
