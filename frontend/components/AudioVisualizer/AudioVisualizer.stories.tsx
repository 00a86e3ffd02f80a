import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useEffect, useState } from "react";
import { expect, fn, userEvent, waitFor } from "storybook/test";
import { type Level, SILENCE_MS } from "twincast";
import { choices } from "../mocks/choices";
import { mockMicrophone, shouting, silence, speech } from "../mocks/microphone";
import { OnPicture } from "../mocks/OnPicture";
import { AudioVisualizer } from "./AudioVisualizer";
import type { AudioVisualizerState } from "./types";

/**
 * What the microphone hears: the level with its held peak, and the last seconds as a waveform. Levels go from
 * the source to a canvas, which a worker draws on in Chromium; React renders only when the state changes.
 *
 * | state | when |
 * | --- | --- |
 * | listening | sound may come |
 * | muted | the person muted it; video goes on |
 * | silent | not one sample above zero for `SILENCE_MS`: a covered or dead microphone |
 * | microphone-missing | it could not be had, and video goes alone; before Start it may be asked for again |
 * | interrupted | a call or another app took it |
 */
const meta = {
  title: "Components/Microphone level (AudioVisualizer)",
  component: AudioVisualizer,
  argTypes: {
    state: choices<AudioVisualizerState>({
      Listening: { kind: "listening" },
      Muted: { kind: "muted" },
      Silent: { kind: "silent", forMs: SILENCE_MS },
      "Interrupted by a call": { kind: "interrupted", isAsked: false },
      "Asked for again": { kind: "interrupted", isAsked: true },
    }),
  },
  args: { source: mockMicrophone(speech), state: { kind: "listening" }, onTryAgain: fn() },
  decorators: [
    (Story) => (
      <OnPicture width={24}>
        <div
          style={{
            inlineSize: "100%",
            padding: "0.75rem 1rem",
            borderRadius: 20,
            background: "var(--ground)",
          }}
        >
          <Story />
        </div>
      </OnPicture>
    ),
  ],
} satisfies Meta<typeof AudioVisualizer>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Listening: Story = {
  play: async ({ canvas }) => {
    const meter = canvas.getByRole("meter", { name: "Microphone level" });
    await waitFor(() => expect(Number(meter.getAttribute("aria-valuenow"))).toBeGreaterThan(0));
  },
};

export const TooLoud: Story = {
  args: { source: mockMicrophone(shouting) },
  play: async ({ canvas }) => {
    await waitFor(() => expect(canvas.getByRole("meter")).toHaveAttribute("aria-valuetext", "Too loud"));
    await expect(canvas.getByText("Too loud")).toBeVisible();
  },
};

export const Quiet: Story = { args: { source: mockMicrophone(silence) } };

export const Silent: Story = {
  args: { source: mockMicrophone(silence), state: { kind: "silent", forMs: SILENCE_MS } },
};

/** Words were where the waveform is, and it comes back with the sound. */
export const HeardAgain: Story = {
  render: function Changes(args) {
    const [isSilent, setSilent] = useState(true);
    useEffect(() => setSilent(false), []);
    return (
      <AudioVisualizer
        {...args}
        state={isSilent ? { kind: "silent", forMs: SILENCE_MS } : { kind: "listening" }}
      />
    );
  },
  play: async ({ canvasElement }) => {
    const isDrawn = () => {
      const picture = canvasElement.querySelector("canvas");
      const copy = new OffscreenCanvas(picture?.width || 1, picture?.height || 1).getContext("2d");
      if (picture?.width) copy?.drawImage(picture, 0, 0);
      return copy?.getImageData(0, 0, copy.canvas.width, copy.canvas.height).data.some((value) => value > 0);
    };
    await waitFor(() => expect(isDrawn()).toBe(true));
  },
};

export const Muted: Story = {
  args: { state: { kind: "muted" } },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("meter")).toHaveAttribute("aria-valuetext", "Microphone muted");
    await expect(canvas.getByRole("meter")).toHaveAttribute("aria-valuenow", "0");
  },
};

export const MicrophoneMissing: Story = {
  name: "Microphone missing",
  args: { source: null, state: { kind: "microphone-missing", canTry: false, sending: "now" } },
};

/** The camera works. Closing the other app and one tap bring the microphone. */
export const MicrophoneInUse: Story = {
  args: {
    source: null,
    state: {
      kind: "microphone-missing",
      error: { kind: "in-use", device: "microphone" },
      canTry: true,
      sending: "not-yet",
    },
  },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Try again" }));
    await expect(args.onTryAgain).toHaveBeenCalledOnce();
  },
};

export const Interrupted: Story = { args: { state: { kind: "interrupted", isAsked: false } } };

/** Five steps, four times a second, and no waveform. */
export const ReducedMotion: Story = {
  globals: { motion: "reduced" },
  play: async ({ canvasElement }) => {
    await waitFor(() => expect(canvasElement.querySelector("[data-meter=steps]")).not.toBeNull());
  },
};

export const RightToLeft: Story = { globals: { direction: "rtl" } };

let renders = 0;
/** A hundred levels reach the canvas and not one of them React. */
export const NoRenderPerLevel: Story = {
  beforeEach: () => {
    renders = 0;
  },
  args: {
    source: {
      subscribe(listener: (level: Level) => void) {
        for (let i = 0; i < 100; i++) listener({ rms: i / 200, peak: i / 100 });
        return () => {};
      },
    },
  },
  render: function Counted(args) {
    renders++;
    return <AudioVisualizer {...args} />;
  },
  play: async ({ canvas }) => {
    const before = renders;
    await waitFor(() =>
      expect(Number(canvas.getByRole("meter").getAttribute("aria-valuenow"))).toBeGreaterThan(80),
    );
    await expect(renders).toBe(before);
  },
};
