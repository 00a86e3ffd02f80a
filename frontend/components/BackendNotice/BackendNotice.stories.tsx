import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent } from "storybook/test";
import { OnPage } from "../mocks/OnPage";
import { BackendNotice } from "./BackendNotice";

/**
 * Stands above the permission screen when the page has looked for the backend and what it found cannot take streams,
 * so that nobody records into the void; and over the picture, as a strip, until the backend has acknowledged something.
 *
 * | trouble | when |
 * | --- | --- |
 * | silent | nothing answers at the backend's address |
 * | not-a-backend | something else answers, mostly because BACKEND_URL is not set |
 * | refuses-origin | the backend answers, but its ALLOWED_ORIGINS lacks this page |
 * | no-live-connection | it answers to requests, but no WebSocket comes through, or not its sub-protocol |
 * | insecure-address | its address is http://, and the page's https:// |
 * | refused | it takes the stream not yet, and says why |
 * | trying | nothing is known, and nothing was acknowledged in time |
 */
const meta = {
  title: "Components/Backend notice (BackendNotice)",
  component: BackendNotice,
  decorators: [
    (Story) => (
      <OnPage>
        <Story />
      </OnPage>
    ),
  ],
  args: {
    trouble: { kind: "silent" },
    address: "https://backend.example.com",
    healthUrl: "https://backend.example.com/health",
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
    const health = canvas.getByRole("link", { name: "Open its health page" });
    await expect(health).toHaveAttribute("href", "https://backend.example.com/health");
    await userEvent.click(canvas.getByRole("button", { name: "Check again" }));
    await expect(args.onRetry).toHaveBeenCalledOnce();
  },
};

export const NotABackend: Story = {
  args: { trouble: { kind: "not-a-backend" }, address: "https://twincast.example.com" },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("set BACKEND_URL");
  },
};

export const RefusesOrigin: Story = {
  args: { trouble: { kind: "refuses-origin" } },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent(
      "add https://twincast.example.com to ALLOWED_ORIGINS",
    );
  },
};

export const NoLiveConnection: Story = {
  args: { trouble: { kind: "no-live-connection" } },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("Try another network");
  },
};

export const InsecureAddress: Story = {
  args: { trouble: { kind: "insecure-address" }, address: "http://backend.example.com" },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("begins with https://");
    await expect(canvas.queryByRole("button")).toBeNull();
  },
};

/** Over the picture, with the backend's own sentence. */
export const RefusedStrip: Story = {
  args: {
    trouble: { kind: "refused", message: "This address has 50 sessions open; no more are taken now." },
    isStrip: true,
  },
};
