import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect } from "storybook/test";
import type { StreamStatus } from "twincast";
import { choices } from "../mocks/choices";
import { OnPicture } from "../mocks/OnPicture";
import { fixed } from "../mocks/sources";
import { STATUSES } from "../mocks/statuses";
import { ConnectionBadge } from "./ConnectionBadge";

/**
 * One per stream, at the top of the picture. It says what the backend has acknowledged, not what was handed to a
 * socket: a state in words, a glyph in its colour, and the figure that proves it.
 *
 * | state | when |
 * | --- | --- |
 * | idle | before Start |
 * | connecting | the socket opens, or the backend has not answered yet |
 * | live | no more than `BEHIND_MS` waits for an acknowledgement |
 * | behind | connected, but more waits |
 * | reconnecting | the connection broke; the next try has a time |
 * | offline | the phone says that it has no network |
 * | restarting | the system ended the stream's worker, and another one begins |
 * | finishing | after Stop, until everything is acknowledged |
 * | ended | the backend's last word, hashes compared |
 * | failed | the backend gave a reason that no retry helps against |
 * | discarded | the person gave up what was not sent |
 * | absent | no such device: the stream is not part of the session |
 */
const meta = {
  title: "Components/Connection badge (ConnectionBadge)",
  component: ConnectionBadge,
  args: { stream: "video" },
  argTypes: {
    stream: { control: "inline-radio", options: ["video", "audio"] },
    status: choices(
      Object.fromEntries(
        Object.entries<StreamStatus>(STATUSES).map(([name, status]) => [name, fixed(status)]),
      ),
    ),
  },
  decorators: [
    (Story) => (
      <OnPicture width={11}>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof ConnectionBadge>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Idle: Story = { args: { status: fixed<StreamStatus>({ kind: "idle" }) } };

export const Connecting: Story = {
  args: { status: fixed<StreamStatus>({ kind: "connecting", attempt: 1 }) },
};

export const ConnectingAgain: Story = {
  args: { status: fixed<StreamStatus>({ kind: "connecting", attempt: 4 }) },
};

export const Live: Story = {
  args: { status: fixed<StreamStatus>({ kind: "live", delayMs: 96 }) },
  play: async ({ canvas }) => {
    const badge = canvas.getByRole("group", { name: "Video connection" });
    await expect(badge).toHaveTextContent("Live");
    await expect(badge).toHaveTextContent("96 ms delay");
  },
};

export const LiveNotMeasuredYet: Story = {
  args: { stream: "audio", status: fixed<StreamStatus>({ kind: "live", delayMs: null }) },
};

export const Behind: Story = { args: { status: fixed<StreamStatus>({ kind: "behind", behindMs: 1240 }) } };

export const Reconnecting: Story = {
  args: { status: fixed<StreamStatus>({ kind: "reconnecting", attempt: 3, retryAtMs: null, keptMs: 8_200 }) },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("group")).toHaveTextContent("Keeping 8.2 s");
  },
};

export const ReconnectingNow: Story = {
  args: {
    stream: "audio",
    status: fixed<StreamStatus>({ kind: "reconnecting", attempt: 1, retryAtMs: null, keptMs: 0 }),
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("group", { name: "Audio connection" })).toHaveTextContent("Trying again");
  },
};

export const Offline: Story = { args: { status: fixed<StreamStatus>({ kind: "offline", keptMs: 42_000 }) } };

export const Restarting: Story = {
  args: { status: fixed<StreamStatus>({ kind: "restarting", attempt: 2 }) },
};

export const Finishing: Story = {
  args: { status: fixed<StreamStatus>({ kind: "finishing", leftBytes: 1_240_000, totalBytes: 3_300_000 }) },
};

export const EndedAndVerified: Story = {
  args: {
    status: fixed<StreamStatus>({
      kind: "ended",
      chunks: 1204,
      bytes: 21_400_000,
      gaps: [],
      verified: "all",
    }),
  },
};

export const EndedPartlyVerified: Story = {
  args: {
    status: fixed<StreamStatus>({
      kind: "ended",
      chunks: 1204,
      bytes: 21_400_000,
      gaps: [],
      verified: "partly",
    }),
  },
};

export const EndedWithGaps: Story = {
  args: {
    status: fixed<StreamStatus>({
      kind: "ended",
      chunks: 1180,
      bytes: 20_900_000,
      gaps: [
        { from: 300, to: 311, ms: 1200, reason: "outbox-full" },
        { from: 640, to: 651, ms: 1200, reason: "too-far-behind" },
      ],
      verified: "all",
    }),
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("group")).toHaveTextContent("2 gaps");
    await expect(canvas.getByRole("group")).toHaveTextContent("2.4 s missing");
  },
};

export const EndedMismatch: Story = {
  args: {
    status: fixed<StreamStatus>({
      kind: "ended",
      chunks: 1204,
      bytes: 21_400_000,
      gaps: [],
      verified: "mismatch",
    }),
  },
};

export const Failed: Story = {
  args: {
    status: fixed<StreamStatus>({
      kind: "failed",
      code: "sink-failed",
      message: "This stream's sink failed.",
    }),
  },
};

export const Discarded: Story = {
  args: { status: fixed<StreamStatus>({ kind: "discarded", leftBytes: 1_240_000 }) },
};

export const NoCamera: Story = { args: { status: fixed<StreamStatus>({ kind: "absent" }) } };

export const NoMicrophone: Story = {
  args: { stream: "audio", status: fixed<StreamStatus>({ kind: "absent" }) },
};
