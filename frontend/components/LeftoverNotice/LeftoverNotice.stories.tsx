import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent } from "storybook/test";
import type { Leftover, LeftoverStream } from "twincast";
import { OnPage } from "../mocks/OnPage";
import { LeftoverNotice } from "./LeftoverNotice";

const startedAt = new Date(2026, 10, 22, 14, 2).getTime();
const video: LeftoverStream = {
  stream: "video",
  foundMs: 12_400,
  keptMs: 7_100,
  keptBytes: 1_240_000,
  status: { kind: "finishing", leftBytes: 1_240_000, totalBytes: 2_600_000 },
};
const audio: LeftoverStream = { ...video, stream: "audio", foundMs: 9_400, keptMs: 6_000 };
const sending: Leftover = { kind: "sending", startedAt, durationMs: 42_000, streams: [video, audio] };
const ended = { kind: "ended", gaps: [], verified: "all" } as const;
const over: Leftover = {
  kind: "over",
  startedAt,
  durationMs: 42_000,
  streams: [
    { ...video, keptMs: 0, keptBytes: 0, status: { ...ended, chunks: 421, bytes: 7_480_000 } },
    { ...audio, keptMs: 0, keptBytes: 0, status: { ...ended, chunks: 420, bytes: 260_000 } },
  ],
};

/**
 * Media of a session whose page was closed, crashed or thrown away by the system, found by the page that came back: above
 * the permission screen, and over the picture as a strip while another session may run. They are sent by themselves.
 */
const meta = {
  title: "Components/Earlier session (LeftoverNotice)",
  component: LeftoverNotice,
  decorators: [
    (Story) => (
      <OnPage>
        <Story />
      </OnPage>
    ),
  ],
  args: { leftover: sending, onDiscard: fn() },
} satisfies Meta<typeof LeftoverNotice>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Sending: Story = {
  play: async ({ canvas, args }) => {
    await expect(canvas.getByRole("heading")).toHaveTextContent(
      "12 s of video and 9.4 s of sound from 14:02 are on this device",
    );
    await expect(canvas.getByText("Sending, 7.1 s left.")).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Discard" }));
    await expect(args.onDiscard).toHaveBeenCalledOnce();
  },
};

export const WaitingForTheConnection: Story = {
  args: {
    leftover: {
      ...sending,
      streams: [{ ...video, keptMs: 12_400, status: { kind: "offline", keptMs: 12_400 } }],
    },
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading")).toHaveTextContent("12 s of video from 14:02 is on this device");
    await expect(canvas.getByText("Waiting for the connection.")).toBeVisible();
  },
};

export const NothingLeftToSend: Story = {
  args: {
    leftover: { ...sending, streams: [{ ...video, foundMs: 0, keptMs: 0, keptBytes: 0 }] },
  },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading")).toHaveTextContent("The session from 14:02 was cut off");
  },
};

export const Delivered: Story = {
  args: { leftover: over },
  play: async ({ canvas, args }) => {
    await expect(canvas.getByRole("heading", { name: "Everything arrived" })).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Done" }));
    await expect(args.onDiscard).toHaveBeenCalledOnce();
  },
};

export const Refused: Story = {
  args: {
    leftover: {
      ...over,
      streams: [
        {
          ...video,
          status: { kind: "failed", code: "already-ended", message: "The video stream has ended at 421." },
        },
      ],
    },
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("button", { name: "Discard" })).toBeVisible();
  },
};

export const SendingOverThePicture: Story = { args: { isStrip: true } };

export const DeliveredOverThePicture: Story = {
  args: { leftover: over, isStrip: true },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading")).toHaveTextContent("From 14:02: everything arrived");
  },
};

export const LiveElsewhere: Story = {
  args: { leftover: { kind: "elsewhere" } },
  play: async ({ canvas }) => {
    await expect(canvas.queryByRole("button")).toBeNull();
  },
};
