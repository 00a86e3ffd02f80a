import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { type SenderStatus, streamQuality } from "twincast/testing";
import { OnPicture } from "../mocks/OnPicture";
import { sender } from "../mocks/sender";
import { Quality } from "./Quality";

/**
 * How good the connection is, and the measured cause in words. It shows the worse of the two streams.
 *
 * | level | when |
 * | --- | --- |
 * | excellent | short round trip, nothing waits |
 * | good | a noticeable round trip, or somewhat behind |
 * | poor | a long round trip, or far behind |
 * | lost | nothing gets through |
 */
const meta = {
  title: "Components/Connection quality (Quality)",
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

const measured = (measured: Partial<SenderStatus>) => streamQuality({ ...sender, ...measured });

export const Excellent: Story = { args: measured({ rttMs: 31 }) };
export const Good: Story = { args: measured({ rttMs: 240 }) };
export const Poor: Story = {
  args: measured({ behindMs: 4_200 }),
  play: async ({ canvas }) => {
    await expect(canvas.getByText("uplink too slow, 4.2 s behind")).toBeVisible();
    await expect(canvas.getByText("Poor")).toBeVisible();
  },
};
/** The longest sentence that the figures can make. */
export const Lost: Story = {
  args: measured({ delivery: { kind: "reconnecting", attempt: 3, retryAtMs: null }, keptMs: 108_200 }),
  play: async ({ canvas }) => {
    await expect(canvas.getByText("no connection, 108.2 s kept on this device")).toBeVisible();
  },
};
