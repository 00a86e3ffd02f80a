import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fn, userEvent, waitFor } from "storybook/test";
import { choices } from "../mocks/choices";
import { useMockCamera } from "../mocks/useMockCamera";
import type { CaptureState } from "./types";
import { VideoCapture } from "./VideoCapture";

/**
 * The camera's picture, filling the screen. It is mirrored only for the camera that faces the person, as a mirror
 * would be, and never in what is sent. When the picture stands still, words say why and what comes next.
 *
 * | state | when |
 * | --- | --- |
 * | live | frames come |
 * | flipping | between front and back camera |
 * | camera-missing | it could not be had, and sound goes alone; before Start it may be asked for again |
 * | interrupted | a call, another app, a page in the background, an unplugged camera, a permission that is asked for or was taken back, or no frames for `STALL_MS` |
 */
const meta = {
  title: "Components/Camera preview (VideoCapture)",
  component: VideoCapture,
  argTypes: {
    fit: { control: "inline-radio", options: ["fill", "whole"] },
    state: choices<CaptureState>({
      Live: { kind: "live" },
      Flipping: { kind: "flipping" },
      "Camera in use": {
        kind: "camera-missing",
        error: { kind: "in-use", device: "camera" },
        canTry: true,
        sending: "not-yet",
      },
      "Interrupted by a call": { kind: "interrupted", device: "camera", cause: "call", needsTap: false },
      "Interrupted, needs a tap": { kind: "interrupted", device: "camera", cause: "call", needsTap: true },
      "Taken by another app": { kind: "interrupted", device: "camera", cause: "taken", needsTap: false },
      "Camera lost": { kind: "interrupted", device: "camera", cause: "device-lost", needsTap: false },
      "Microphone needs a tap": { kind: "interrupted", device: "microphone", cause: "call", needsTap: true },
    }),
  },
  // it fills the screen: a frame of its own on the documentation page
  parameters: { docs: { story: { inline: false, height: "640px" } } },
  args: { state: { kind: "live" }, stream: null, mirrored: true, onResume: fn() },
  render: function WithCamera(args) {
    const stream = useMockCamera();
    const off = args.state.kind === "camera-missing";
    return (
      <div style={{ blockSize: "100vh" }} data-surface="video">
        <VideoCapture {...args} stream={off ? null : stream} />
      </div>
    );
  },
} satisfies Meta<typeof VideoCapture>;
export default meta;
type Story = StoryObj<typeof meta>;

/** As it is sent: nothing is cut off. */
export const Whole: Story = {
  args: { fit: "whole" },
  play: async ({ canvas }) => {
    const video = canvas.getByLabelText<HTMLVideoElement>("Camera preview, mirrored");
    await waitFor(() => expect(video.videoWidth).toBeGreaterThan(0));
  },
};

export const Live: Story = {
  play: async ({ canvas }) => {
    const video = canvas.getByLabelText<HTMLVideoElement>("Camera preview, mirrored");
    await waitFor(() => expect(video.videoWidth).toBeGreaterThan(0));
    await expect(video.muted).toBe(true);
    await expect(getComputedStyle(video).transform).toBe("matrix(-1, 0, 0, 1, 0, 0)");
  },
};

export const BackCamera: Story = {
  args: { mirrored: false },
  play: async ({ canvas }) => {
    await expect(getComputedStyle(canvas.getByLabelText("Camera preview")).transform).toBe("none");
  },
};

export const Flipping: Story = { args: { state: { kind: "flipping" } } };

export const CameraMissing: Story = {
  args: { state: { kind: "camera-missing", canTry: false, sending: "now" } },
};

/** The microphone works. Closing the other app and one tap bring the camera. */
export const CameraInUse: Story = {
  args: {
    state: {
      kind: "camera-missing",
      error: { kind: "in-use", device: "camera" },
      canTry: true,
      sending: "not-yet",
    },
  },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByText("The camera is in use by another app")).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Try again" }));
    await expect(args.onResume).toHaveBeenCalledOnce();
  },
};

export const CameraRefused: Story = {
  args: {
    state: {
      kind: "camera-missing",
      error: { kind: "denied", device: "camera" },
      canTry: true,
      sending: "not-yet",
    },
  },
};

export const BrowserAsksAgain: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "asking", needsTap: false } },
};

export const PermissionTakenBack: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "refused", needsTap: true } },
};

export const MicrophoneLost: Story = {
  args: { state: { kind: "interrupted", device: "microphone", cause: "device-lost", needsTap: true } },
};

export const InterruptedByCall: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "call", needsTap: false } },
  play: async ({ canvas }) => {
    await expect(canvas.queryByRole("button")).toBeNull();
  },
};

export const InterruptedByCallNeedsTap: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "call", needsTap: true } },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Resume camera" }));
    await expect(args.onResume).toHaveBeenCalledOnce();
  },
};

export const InBackground: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "hidden", needsTap: false } },
};

export const DeviceLost: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "device-lost", needsTap: false } },
};

export const TakenByAnotherApp: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "taken", needsTap: true } },
};

export const NoFrames: Story = {
  args: { state: { kind: "interrupted", device: "camera", cause: "no-frames", needsTap: false } },
};

/** Low Power Mode may forbid the preview to play by itself. Sending goes on; one tap shows it. */
export const PreviewNeedsTap: Story = {
  beforeEach: () => {
    const play = HTMLMediaElement.prototype.play;
    let refused = false;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      if (refused) return play.call(this);
      refused = true;
      return Promise.reject(new DOMException("Low Power Mode", "NotAllowedError"));
    };
    return () => {
      HTMLMediaElement.prototype.play = play;
    };
  },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole("button", { name: "Show preview" }));
    await waitFor(() => expect(canvas.queryByRole("button")).toBeNull());
  },
};
