import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPicture } from "../mocks/OnPicture";
import { moving } from "../mocks/sources";
import { Duration } from "./Duration";

/**
 * Time since Start. The dot beside it is the sign that media leaves the phone, and goes
 * dim every other second. It is a timer to a screen reader, which
 * may be asked for, and never speaks by itself.
 */
const meta = {
  title: "Components/Clock (Duration)",
  component: Duration,
  args: { recording: true },
  decorators: [
    (Story) => (
      <OnPicture>
        <div style={{ padding: "0.75rem 1rem", borderRadius: 20, background: "var(--ground)" }}>
          <Story />
        </div>
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof Duration>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Recording: Story = {
  args: { elapsedMs: moving((s) => s * 1000) },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("timer", { name: "Elapsed time" })).toHaveTextContent("01:00");
  },
};
export const Stopped: Story = { args: { elapsedMs: 760_000, recording: false } };
export const MoreThanAnHour: Story = { args: { elapsedMs: 3_729_000 } };
