import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPage } from "../mocks/OnPage";
import { LONG_ADDRESS, PHONE } from "../mocks/phone";
import { OpenOnPhone } from "./OpenOnPhone";

/** On a computer's first screen: the way to the phone. */
const meta = {
  title: "Components/QR code (OpenOnPhone)",
  component: OpenOnPhone,
  args: PHONE,
  decorators: [
    (Story) => (
      <OnPage width={24}>
        <Story />
      </OnPage>
    ),
  ],
} satisfies Meta<typeof OpenOnPhone>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Code: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("img", { name: "QR code of https://twincast.example.com" })).toBeVisible();
    await expect(canvas.getByText("https://twincast.example.com")).toBeVisible();
  },
};

export const LongAddress: Story = {
  args: LONG_ADDRESS,
};
