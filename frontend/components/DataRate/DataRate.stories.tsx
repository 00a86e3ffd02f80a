import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPage } from "../mocks/OnPage";
import { droppedTo, fixed, moving, movingSeries, wander } from "../mocks/sources";
import { DataRate } from "./DataRate";

const video = (s: number) => 178 + 22 * wander(s, 1);
const audio = (s: number) => 6.2 + 0.5 * wander(s, 2);

/**
 * What of one stream reaches the backend each second, in kilobytes of 1000 bytes, and its last minute. Figure and line
 * are written to the page without a render, twice a second at most.
 */
const meta = {
  title: "Components/Data rate (DataRate)",
  component: DataRate,
  decorators: [
    (Story) => (
      <OnPage width={14}>
        <Story />
      </OnPage>
    ),
  ],
} satisfies Meta<typeof DataRate>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Video: Story = {
  args: { stream: "video", source: moving(video), series: movingSeries(video) },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("group", { name: "Video data rate" })).toHaveTextContent(/\d+ KB\/s/);
    await expect(canvas.getByRole("img", { name: "Video data rate, last minute" })).toBeInTheDocument();
  },
};
export const Audio: Story = { args: { stream: "audio", source: moving(audio), series: movingSeries(audio) } };
export const FigureAlone: Story = { args: { stream: "video", source: fixed(1240) } };
export const CutOff: Story = {
  args: { stream: "video", source: fixed(0), series: fixed(droppedTo(video, 0, 14)) },
};
