import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent } from "storybook/test";
import { BrokenView } from "./BrokenView";
import { PageBroke } from "./PageBroke";

/**
 * Stands in for a view that failed, whatever made it fail: what is recorded stays in the person's hand.
 *
 * | behind | what goes on |
 * | --- | --- |
 * | streaming | camera and microphone are sent: Stop is here |
 * | finishing | what was kept is delivered |
 * | nothing | neither |
 */
const meta = {
  title: "Components/Broken view (BrokenView)",
  component: BrokenView,
  parameters: { docs: { story: { inline: false, height: "844px" } } },
  args: {
    behind: "streaming",
    technical: "NotFoundError: The node to be removed is not a child of this node.",
    onStop: fn(),
    onDiscard: fn(),
    onShowAgain: fn(),
    onReload: fn(),
  },
} satisfies Meta<typeof BrokenView>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Streaming: Story = {
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Stop streaming" }));
    await expect(args.onStop).toHaveBeenCalledOnce();
    await userEvent.click(canvas.getByRole("button", { name: "Show the page again" }));
    await expect(args.onShowAgain).toHaveBeenCalledOnce();
  },
};

export const Finishing: Story = {
  args: { behind: "finishing" },
  play: async ({ args, canvas }) => {
    await expect(canvas.queryByRole("button", { name: "Stop streaming" })).toBeNull();
    await userEvent.click(canvas.getByRole("button", { name: "Discard the rest" }));
    await expect(args.onDiscard).toHaveBeenCalledOnce();
  },
};

export const NothingBehind: Story = {
  args: { behind: "nothing" },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Load the page again" }));
    await expect(args.onReload).toHaveBeenCalledOnce();
  },
};

/** The whole page is gone, and its session with it. */
export const WholePage: Story = {
  render: ({ technical }) => <PageBroke technical={technical} />,
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("Nothing is recorded or sent any more");
  },
};
