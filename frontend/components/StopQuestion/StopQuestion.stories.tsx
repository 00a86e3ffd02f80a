import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, waitFor } from "storybook/test";
import { OnPage } from "../mocks/OnPage";
import { StopQuestion } from "./StopQuestion";

/** Asked before a session ends that has run for more than a minute. */
const meta = {
  title: "Components/Stop dialog (StopQuestion)",
  component: StopQuestion,
  args: { isOpen: true, lasted: "12 minutes 40 seconds", onStop: fn(), onGoOn: fn() },
  decorators: [
    (Story) => (
      <OnPage width={24}>
        <Story />
      </OnPage>
    ),
  ],
} satisfies Meta<typeof StopQuestion>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Asked: Story = {
  play: async ({ args, canvas }) => {
    await expect(canvas.getByRole("dialog", { name: "End this session?" })).toBeVisible();
    // The harmless answer first: Return on a hasty press ends nothing.
    await waitFor(() => expect(canvas.getByRole("button", { name: "Go on streaming" })).toHaveFocus());
    await userEvent.click(canvas.getByRole("button", { name: "End it" }));
    await expect(args.onStop).toHaveBeenCalledOnce();
    await userEvent.click(canvas.getByRole("button", { name: "Go on streaming" }));
    await expect(args.onGoOn).toHaveBeenCalledOnce();
  },
};
