import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent } from "storybook/test";
import { fixed } from "../mocks/sources";
import { DimScreen } from "./DimScreen";

/** While streaming, to save the battery: the camera and the microphone go on, the screen shows next to nothing. */
const meta = {
  title: "Components/Dimmed screen (DimScreen)",
  component: DimScreen,
  args: { elapsedMs: fixed(760_000), onWake: fn() },
  decorators: [
    (Story) => (
      <div style={{ position: "relative", blockSize: "100vh" }}>
        <Story />
      </div>
    ),
  ],
} satisfies Meta<typeof DimScreen>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Dimmed: Story = {
  play: async ({ args, canvas }) => {
    const button = canvas.getByRole("button", { name: /Streaming goes on.*12:40.*Tap to light the screen/ });
    await expect(button).toHaveFocus();
    await userEvent.click(button);
    await expect(args.onWake).toHaveBeenCalledOnce();
  },
};
