import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPage } from "../mocks/OnPage";
import { droppedTo, fixed, movingSeries, wander } from "../mocks/sources";
import { Sparkline } from "./Sparkline";

const rate = (s: number) => 178 + 40 * wander(s, 1);

/** A minute of one figure, beside the figure. Full height is `ceiling`, so that two lines of one kind compare. */
const meta = {
  title: "Components/Sparkline",
  component: Sparkline,
  args: { ceiling: 250, label: "Video data rate, last minute" },
  decorators: [
    (Story) => (
      <OnPage width={12}>
        <Story />
      </OnPage>
    ),
  ],
} satisfies Meta<typeof Sparkline>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Minute: Story = {
  args: { series: movingSeries(rate) },
  play: async ({ canvasElement }) => {
    const line = canvasElement.querySelector("path:last-child")?.getAttribute("d") ?? "";
    await expect(line.split("L")).toHaveLength(60);
  },
};
export const JustBegun: Story = { args: { series: fixed([40, 120, 170, 182, 176, 181]) } };
export const CutOff: Story = { args: { series: fixed(droppedTo(rate, 0, 20)) } };
export const AboveTheCeiling: Story = { args: { series: fixed([100, 120, 110, 900, 860, 130, 120]) } };
export const NothingYet: Story = { args: { series: fixed([]) } };
