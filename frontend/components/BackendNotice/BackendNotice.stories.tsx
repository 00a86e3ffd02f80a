import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent } from "storybook/test";
import { OnPage } from "../mocks/OnPage";
import { BackendNotice } from "./BackendNotice";

/**
 * Stands above the permission screen when the page has looked for the backend and what it found cannot take streams,
 * so that nobody records into the void.
 *
 * | problem | when |
 * | --- | --- |
 * | silent | nothing answers at the backend's address |
 * | not-a-backend | something else answers, mostly because BACKEND_URL is not set |
 * | refuses-origin | the backend answers, but its ALLOWED_ORIGINS lacks this page |
 */
const meta = {
  title: "Components/BackendNotice",
  component: BackendNotice,
  decorators: [
    (Story) => (
      <OnPage>
        <Story />
      </OnPage>
    ),
  ],
  args: {
    problem: "silent",
    address: "https://backend.example.com",
    pageOrigin: "https://twincast.example.com",
    onRetry: fn(),
  },
} satisfies Meta<typeof BackendNotice>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Silent: Story = {
  play: async ({ canvas, args }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent(
      "The backend at https://backend.example.com does not answer",
    );
    await userEvent.click(canvas.getByRole("button", { name: "Check again" }));
    await expect(args.onRetry).toHaveBeenCalledOnce();
  },
};

export const NotABackend: Story = {
  args: { problem: "not-a-backend", address: "https://twincast.example.com" },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("set BACKEND_URL");
  },
};

export const RefusesOrigin: Story = {
  args: { problem: "refuses-origin" },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent(
      "add https://twincast.example.com to ALLOWED_ORIGINS",
    );
  },
};
