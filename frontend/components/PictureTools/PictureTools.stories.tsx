import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fireEvent, fn, userEvent } from "storybook/test";
import { OnPicture } from "../mocks/OnPicture";
import { PictureTools } from "./PictureTools";

/**
 * How the picture is shown on this screen. What is sent is always the whole of it.
 *
 * | fit | what is seen |
 * | --- | --- |
 * | fill | the screen is full; the edges are sent and not seen |
 * | whole | exactly what is sent |
 */
const meta = {
  title: "Components/Zoom, dim and crop (PictureTools)",
  component: PictureTools,
  args: { fit: "fill", zoom: null, onFit: fn(), onZoom: fn() },
  argTypes: { fit: { control: "inline-radio", options: ["fill", "whole"] } },
  decorators: [
    (Story) => (
      <OnPicture>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof PictureTools>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Filling: Story = {
  play: async ({ args, canvas }) => {
    await userEvent.click(
      canvas.getByRole("button", { name: "Cropped: show the whole picture, as it is sent" }),
    );
    await expect(args.onFit).toHaveBeenCalledWith("whole");
    await expect(canvas.queryByRole("button", { name: /Zoom/ })).toBeNull();
  },
};

export const AsItIsSent: Story = {
  args: { fit: "whole" },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "As sent: fill the screen with the picture" }));
    await expect(args.onFit).toHaveBeenCalledWith("fill");
  },
};

export const ZoomAndDim: Story = {
  args: { zoom: { value: 2.4, min: 1, max: 8, step: 0.1 }, onDim: fn() },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Zoom, 2.4×" }));
    const range = canvas.getByRole("slider", { name: "Zoom" });
    await expect(range).toHaveAttribute("aria-valuetext", "2.4×");
    await fireEvent.change(range, { target: { value: "3" } });
    await expect(args.onZoom).toHaveBeenCalledWith(3);
    await userEvent.click(canvas.getByRole("button", { name: "Dim the screen" }));
    await expect(args.onDim).toHaveBeenCalledOnce();
  },
};
