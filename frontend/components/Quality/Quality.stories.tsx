import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPicture } from "../mocks/OnPicture";
import { Quality } from "./Quality";

/**
 * How good the connection is, and the measured cause in words. It shows the worse of the two streams.
 *
 * | level | when |
 * | --- | --- |
 * | excellent | short delay, nothing waits |
 * | good | a noticeable delay, nothing lost |
 * | poor | a second or more behind, or skipping ahead |
 * | lost | nothing gets through |
 */
const meta = {
  title: "Components/Quality",
  component: Quality,
  decorators: [
    (Story) => (
      <OnPicture>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof Quality>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Excellent: Story = { args: { level: "excellent", reason: "96 ms delay" } };
export const Good: Story = { args: { level: "good", reason: "round trip 240 ms" } };
export const Poor: Story = {
  args: { level: "poor", reason: "uplink slow, 1.2 s behind" },
  play: async ({ canvas }) => {
    await expect(canvas.getByText("uplink slow, 1.2 s behind")).toBeVisible();
    await expect(canvas.getByText("Poor")).toBeVisible();
  },
};
export const Lost: Story = { args: { level: "lost", reason: "no answer for 8.2 s" } };
export const LongReason: Story = {
  args: {
    level: "poor",
    reason: "video skips ahead to stay live: the network carries 61 of 178 KB/s",
  },
};
