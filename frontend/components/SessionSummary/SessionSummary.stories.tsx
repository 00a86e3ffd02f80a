import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import { OnPicture } from "../mocks/OnPicture";
import { SessionSummary } from "./SessionSummary";
import type { StreamResult } from "./types";

const video: StreamResult = {
  stream: "video",
  kind: "ended",
  chunks: 7601,
  bytes: 135_400_000,
  gaps: [],
  verified: "all",
};
const audio: StreamResult = {
  stream: "audio",
  kind: "ended",
  chunks: 7602,
  bytes: 4_710_000,
  gaps: [],
  verified: "all",
};

/**
 * The last word on a session, and it is the backend's. The title says the worst that happened to either stream; a
 * promise that everything arrived is made only when every byte was compared.
 */
const meta = {
  title: "Components/Result card (SessionSummary)",
  component: SessionSummary,
  args: { durationMs: 760_000, streams: [video, audio] },
  decorators: [
    (Story) => (
      <OnPicture width={26}>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof SessionSummary>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Verified: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading", { name: "Everything arrived" })).toBeVisible();
    await expect(canvas.getByText("12 minutes 40 seconds")).toBeInTheDocument();
  },
};

export const PartlyVerified: Story = { args: { streams: [{ ...video, verified: "partly" }, audio] } };

export const WithGaps: Story = {
  args: {
    streams: [
      {
        ...video,
        gaps: [
          { from: 3120, to: 3151, ms: 3200, reason: "outbox-full" },
          { from: 5200, to: 5211, ms: 1100, reason: "too-far-behind" },
          { from: 6001, to: 6001, ms: 100, reason: "too-large" },
        ],
      },
      audio,
    ],
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByText("4.4 s could not be kept. Everything else is there.")).toBeVisible();
  },
};

export const Mismatch: Story = { args: { streams: [{ ...video, verified: "mismatch" }, audio] } };

export const OneFailed: Story = {
  args: {
    streams: [
      {
        stream: "video",
        kind: "failed",
        code: "sink-failed",
        message: "The backend's sink refused the stream.",
      },
      audio,
    ],
  },
};

export const Discarded: Story = {
  args: { streams: [{ stream: "video", kind: "discarded", leftBytes: 1_240_000 }, audio] },
};

export const AudioOnly: Story = { args: { streams: [{ stream: "video", kind: "absent" }, audio] } };
