import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent } from "storybook/test";
import { choices } from "../mocks/choices";
import { OnPicture } from "../mocks/OnPicture";
import { StreamControls } from "./StreamControls";
import type { Phase } from "./types";

/**
 * Everything a thumb needs. The record
 * button's name changes with what it does; while it can do nothing it keeps its focus and says why.
 *
 * | phase | when |
 * | --- | --- |
 * | ready | camera and microphone are there |
 * | starting | after Start, until the encoders run |
 * | live | media leaves the phone |
 * | finishing | after Stop, until everything is acknowledged |
 * | ended | the backend has said what it has |
 */
const meta = {
  title: "Components/Record button and controls (StreamControls)",
  component: StreamControls,
  argTypes: {
    torch: { control: "inline-radio", options: ["none", "off", "on"] },
    phase: choices<Phase>({
      Ready: { kind: "ready" },
      Starting: { kind: "starting" },
      Live: { kind: "live" },
      "Finishing, sending": {
        kind: "finishing",
        upload: "sending",
        leftBytes: 1_240_000,
        totalBytes: 3_300_000,
      },
      "Finishing, no connection": { kind: "finishing", upload: "waiting", leftBytes: 150_000, leftMs: 8_100 },
      Ended: { kind: "ended" },
    }),
  },
  args: {
    muted: false,
    canFlip: true,
    canMute: true,
    torch: "none",
    onStart: fn(),
    onStop: fn(),
    onToggleMute: fn(),
    onFlip: fn(),
    onToggleTorch: fn(),
    onOpenDetails: fn(),
    onDiscard: fn(),
    onAgain: fn(),
  },
  decorators: [
    (Story) => (
      <OnPicture width={26}>
        <Story />
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof StreamControls>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Ready: Story = {
  args: { phase: { kind: "ready" } },
  play: async ({ args, canvas }) => {
    const record = canvas.getByRole("button", { name: "Start streaming" });
    await expect(record.getBoundingClientRect().width).toBeGreaterThanOrEqual(72);
    for (const button of canvas.getAllByRole("button")) {
      const { width, height } = button.getBoundingClientRect();
      await expect(Math.min(width, height)).toBeGreaterThanOrEqual(48);
    }
    await userEvent.click(record);
    await expect(args.onStart).toHaveBeenCalledOnce();
    await userEvent.click(canvas.getByRole("button", { name: "Switch camera" }));
    await expect(args.onFlip).toHaveBeenCalledOnce();
  },
};

export const Starting: Story = {
  args: { phase: { kind: "starting" } },
  play: async ({ args, canvas }) => {
    const record = canvas.getByRole("button", { name: "Starting" });
    await expect(record).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(record);
    await expect(args.onStart).not.toHaveBeenCalled();
    await expect(args.onStop).not.toHaveBeenCalled();
    // A start that takes long can be ended.
    await userEvent.click(await canvas.findByRole("button", { name: "Cancel" }, { timeout: 3_000 }));
    await expect(args.onStop).toHaveBeenCalledOnce();
    await expect(record).toHaveAccessibleDescription("Starting… Press again to cancel.");
  },
};

export const Live: Story = {
  args: { phase: { kind: "live" } },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Stop streaming" }));
    await expect(args.onStop).toHaveBeenCalledOnce();
    await userEvent.click(canvas.getByRole("button", { name: "Mute microphone" }));
    await expect(args.onToggleMute).toHaveBeenCalledOnce();
  },
};

export const LiveMuted: Story = {
  name: "Live, muted",
  args: { phase: { kind: "live" }, muted: true },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("button", { name: "Unmute microphone" })).toBeVisible();
  },
};

export const TorchOn: Story = {
  name: "Live, torch on",
  args: { phase: { kind: "live" }, torch: "on" },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Turn off light" }));
    await expect(args.onToggleTorch).toHaveBeenCalledOnce();
  },
};

export const TorchOff: Story = { name: "Ready, torch off", args: { phase: { kind: "ready" }, torch: "off" } };

/** A computer: one camera, no torch. */
export const OneCamera: Story = { args: { phase: { kind: "ready" }, canFlip: false } };

export const WithoutMicrophone: Story = { args: { phase: { kind: "live" }, canMute: false } };

export const Finishing: Story = {
  args: { phase: { kind: "finishing", upload: "sending", leftBytes: 1_240_000, totalBytes: 3_300_000 } },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByRole("button", { name: "Finishing upload" })).toHaveAccessibleDescription(
      /62.%.*Keep this page open/,
    );
    await userEvent.click(canvas.getByRole("button", { name: "Discard the rest" }));
    await expect(args.onDiscard).toHaveBeenCalledOnce();
  },
};

/** Nothing is sent while nothing is connected, and no figure says so. */
export const FinishingWithoutConnection: Story = {
  args: { phase: { kind: "finishing", upload: "waiting", leftBytes: 150_000, leftMs: 8_100 } },
  play: async ({ args, canvas }) => {
    const note = canvas.getByText(
      "Waiting for the connection, 8.1 s (150 KB) still on this device. Keep this page open.",
    );
    await expect(note).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Discard the rest" }));
    await expect(args.onDiscard).toHaveBeenCalledOnce();
  },
};

export const Ended: Story = {
  args: { phase: { kind: "ended" } },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "New session" }));
    await expect(args.onAgain).toHaveBeenCalledOnce();
  },
};

/** The whole row from the keyboard, in the order of the eye. */
export const Keyboard: Story = {
  args: { phase: { kind: "ready" }, torch: "off" },
  play: async ({ args, canvas }) => {
    for (const name of [
      "Turn on light",
      "Mute microphone",
      "Start streaming",
      "Switch camera",
      "Show details",
    ]) {
      await userEvent.tab();
      await expect(canvas.getByRole("button", { name })).toHaveFocus();
    }
    await userEvent.keyboard(" ");
    await expect(args.onOpenDetails).toHaveBeenCalledOnce();
  },
};
