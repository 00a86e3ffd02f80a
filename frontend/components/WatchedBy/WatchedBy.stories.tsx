import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPicture } from "../mocks/OnPicture";
import { WatchedBy } from "./WatchedBy";

/** Tells the person with the phone that somebody watches. Who watches is not told, because the backend does not know. */
const meta = {
  title: "Components/Viewers (WatchedBy)",
  component: WatchedBy,
  decorators: [
    (Story) => (
      <OnPicture>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof WatchedBy>;
export default meta;
type Story = StoryObj<typeof meta>;

export const One: Story = {
  args: { viewers: 1 },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("status")).toHaveTextContent("1 viewer");
  },
};

export const Several: Story = {
  args: { viewers: 12 },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("status")).toHaveTextContent("12 viewers");
  },
};

export const Nobody: Story = {
  args: { viewers: 0 },
  play: async ({ canvas, canvasElement }) => {
    await expect(canvas.queryByText(/viewer/)).toBeNull();
    await expect(canvasElement.querySelector("svg")).toBeNull();
  },
};
