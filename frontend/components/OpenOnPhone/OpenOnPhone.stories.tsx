import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { phoneAddress } from "@/app/phone-address";
import { OnPage } from "../mocks/OnPage";
import { OpenOnPhone } from "./OpenOnPhone";
import type { PhoneAddress } from "./types";

const address = (pageOrigin: string) =>
  phoneAddress({ platform: "desktop-chrome", pageOrigin, backendHost: "" }, undefined) as PhoneAddress;

/** On a computer's first screen: the way to the phone. */
const meta = {
  title: "Components/OpenOnPhone",
  component: OpenOnPhone,
  args: address("https://twincast.example.com"),
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
  args: address("https://a-rather-long-name-of-a-branch.twincast.some-company.example.com"),
};
