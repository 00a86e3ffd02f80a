import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fn, userEvent, waitFor } from "storybook/test";
import { streamQuality, streamStatus } from "twincast/testing";
import { audioFigures, settings, videoFigures } from "../mocks/figures";
import { sender } from "../mocks/sender";
import { fixed } from "../mocks/sources";
import { DetailsSheet } from "./DetailsSheet";
import type { DetailsSheetProps } from "./types";

const cut = { kind: "reconnecting", attempt: 3, retryAtMs: null } as const;

const unknown = {
  storage: null,
  rateKBps: fixed(0),
  rateSeries: fixed([]),
  delayMs: fixed(null),
  delaySeries: fixed([]),
  keptBytes: fixed(0),
  roundTripMs: fixed(null),
  chunks: fixed(0),
  gaps: fixed(0),
  delayP95Ms: fixed(null),
  droppedFrames: null,
  encoder: null,
  quality: null,
};

/**
 * Every figure per stream, and what can be set. On a phone it is a sheet (a drawer where the phone lies on its side);
 * on a wide screen the same content is a panel beside the picture. While a session runs, the settings are
 * locked, and say until when.
 */
const meta = {
  title: "Components/Details sheet and panel (DetailsSheet)",
  component: DetailsSheet,
  // it fills the screen: a frame of its own on the documentation page
  parameters: { docs: { story: { inline: false, height: "844px" } } },
  args: {
    open: true,
    streams: [videoFigures, audioFigures],
    settings,
    onClose: fn(),
    onPreset: fn(),
    onCadence: fn(),
    onCamera: fn(),
    onMicrophone: fn(),
  },
  decorators: [
    (Story) => (
      <main>
        <h1 style={{ position: "absolute", clipPath: "inset(50%)" }}>Twincast</h1>
        <Story />
      </main>
    ),
  ],
} satisfies Meta<typeof DetailsSheet>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Live: Story = {
  play: async ({ args, canvas }) => {
    await expect(await canvas.findByRole("dialog", { name: "Details" })).toBeVisible();
    await userEvent.click(canvas.getByRole("radio", { name: "Sharp" }));
    await expect(args.onPreset).toHaveBeenCalledWith("sharp");
    await userEvent.click(canvas.getByRole("radio", { name: "Real time" }));
    await expect(args.onCadence).toHaveBeenCalledWith("realtime");
    await userEvent.selectOptions(canvas.getByRole("combobox", { name: "Camera" }), "Back camera");
    await expect(args.onCamera).toHaveBeenCalledWith("back");
    await userEvent.selectOptions(canvas.getByRole("combobox", { name: "Microphone" }), "AirPods Pro");
    await expect(args.onMicrophone).toHaveBeenCalledWith("headset");
    canvas.getByRole("heading", { name: "Video" }).scrollIntoView({ block: "center" });
  },
};

export const LightTheme: Story = { name: "Live, light theme", globals: { theme: "light" } };

export const BeforeStart: Story = {
  args: {
    streams: [
      { stream: "video", status: { kind: "idle" }, ...unknown },
      { stream: "audio", status: { kind: "idle" }, ...unknown },
    ],
  },
};

export const VideoReconnecting: Story = {
  args: {
    streams: [
      {
        ...videoFigures,
        status: streamStatus({ ...sender, delivery: cut, keptMs: 8_200 }),
        quality: streamQuality({ ...sender, delivery: cut, keptMs: 8_200 }),
        rateKBps: fixed(0),
        delayMs: fixed(null),
        keptBytes: fixed(1_460_000),
      },
      audioFigures,
    ],
  },
};

export const LostWithThePage: Story = {
  args: {
    streams: [
      { ...videoFigures, storage: "full" },
      { ...audioFigures, storage: "none" },
    ],
  },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(await canvas.findByText("no: the browser's storage is full")).toBeInTheDocument();
    await expect(canvas.getByText("no: this browser gives no room")).toBeInTheDocument();
  },
};

export const AudioOnly: Story = {
  args: {
    streams: [{ stream: "video", status: { kind: "absent" }, ...unknown }, audioFigures],
    settings: { ...settings, cameras: [], cameraId: null },
  },
  play: async ({ canvas }) => {
    await expect(await canvas.findByRole("combobox", { name: "Camera" })).toBeDisabled();
  },
};

export const SettingsLocked: Story = {
  args: {
    streams: [],
    settings: {
      ...settings,
      locked: true,
    },
  },
  play: async ({ canvas }) => {
    for (const radio of await canvas.findAllByRole("radio")) await expect(radio).toBeDisabled();
  },
};

/** The title takes focus, the cross closes, and focus goes back to what opened it. */
export const Focus: Story = {
  args: { open: false },
  render: function Opened(args: DetailsSheetProps) {
    const [open, setOpen] = useState(false);
    return (
      <>
        <button type="button" style={{ minBlockSize: 48, margin: 16 }} onClick={() => setOpen(true)}>
          Open
        </button>
        <DetailsSheet {...args} open={open} onClose={() => setOpen(false)} />
      </>
    );
  },
  play: async ({ canvas }) => {
    const opener = canvas.getByRole("button", { name: "Open" });
    await userEvent.click(opener);
    await expect(canvas.getByRole("heading", { name: "Details" })).toHaveFocus();
    await userEvent.tab();
    await expect(canvas.getByRole("button", { name: "Close details" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(opener).toHaveFocus());
  },
};
