import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fn, userEvent } from "storybook/test";
import { type PermissionState, PLATFORMS } from "twincast";
import { choices } from "../mocks/choices";
import { PermissionScreen } from "../PermissionScreen";
import { PermissionGate } from "./PermissionGate";
import type { PermissionGateProps } from "./types";

/**
 * What stands where the picture will be, for as long as there is no camera and microphone. Each state says what
 * happened and what to do about it on this very platform; all but `asking` offer a way out.
 * The words differ by platform: choose another one in the controls.
 *
 * | state | when |
 * | --- | --- |
 * | before-asking | on arrival: why, what is sent, and where to |
 * | asking | the browser's question is open |
 * | unanswered | it has been open for `UNANSWERED_MS` |
 * | dismissed | closed without an answer (Chrome) |
 * | denied | refused for this page |
 * | blocked-by-system | allowed for this page, refused by the phone or computer |
 * | blocked-by-frame | the page around this one passes it on to no frame, or not to this one |
 * | no-device | no camera, no microphone, or neither |
 * | in-use | another app holds on to it |
 * | insecure-address | opened at http:// on something else than localhost |
 * | insecure-frame | in a frame of a page at http:// |
 * | unsupported-browser | a piece is missing without which nothing can be sent |
 * | in-app-browser | it failed in the window of another app |
 * | failed | anything else, in the browser's words |
 */
const meta = {
  title: "Components/Permission screens (PermissionGate)",
  component: PermissionGate,
  argTypes: {
    platform: { control: "select", options: PLATFORMS },
    state: choices<PermissionState>({
      "Before asking": { kind: "before-asking" },
      Asking: { kind: "asking" },
      Unanswered: { kind: "unanswered" },
      Dismissed: { kind: "dismissed" },
      "Both denied": { kind: "denied", device: "both" },
      "Camera denied": { kind: "denied", device: "camera" },
      "Microphone denied": { kind: "denied", device: "microphone" },
      "Blocked by the system": { kind: "blocked-by-system", device: "both" },
      "Blocked by the frame": { kind: "blocked-by-frame", device: "both" },
      "No camera": { kind: "no-device", missing: "camera" },
      "No microphone": { kind: "no-device", missing: "microphone" },
      "Camera in use": { kind: "in-use", device: "camera" },
      "Insecure address": { kind: "insecure-address" },
      "Insecure frame": { kind: "insecure-frame" },
      "Unsupported browser": { kind: "unsupported-browser", missing: "MediaRecorder" },
      "In-app browser": { kind: "in-app-browser", appName: "Instagram" },
      Failed: { kind: "failed", name: "AbortError", message: "Starting video failed" },
    }),
  },
  // it fills the screen: a frame of its own on the documentation page
  parameters: { docs: { story: { inline: false, height: "844px" } } },
  args: {
    platform: "ios-safari",
    host: "twincast.example.com",
    pageOrigin: "https://twincast.example.com",
    onAsk: fn(),
    onCopyLink: fn(),
  },
  render: (args) => <PermissionScreen gate={<PermissionGate {...args} />} />,
} satisfies Meta<typeof PermissionGate>;
export default meta;
type Story = StoryObj<typeof meta>;

export const BeforeAsking: Story = {
  args: { state: { kind: "before-asking" } },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByText(/twincast\.example\.com/)).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Allow camera and microphone" }));
    await expect(args.onAsk).toHaveBeenCalledOnce();
  },
};

/** Above and below the same words, and nothing that a picture of another state would show again. */
const WORDS_ONLY = { pictures: [] };

export const BeforeAskingRightToLeft: Story = {
  name: "Before asking, right to left",
  globals: { direction: "rtl" },
  args: { state: { kind: "before-asking" } },
};

export const Asking: Story = {
  args: { state: { kind: "asking" } },
  play: async ({ canvas }) => {
    await expect(canvas.getByText("Waiting for your answer")).toBeVisible();
    await expect(canvas.queryByRole("button")).toBeNull();
  },
};

export const Unanswered: Story = { args: { state: { kind: "unanswered" } } };

export const Dismissed: Story = {
  args: { platform: "android-chrome", state: { kind: "dismissed" } },
  parameters: WORDS_ONLY,
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading", { name: "The question was closed" })).toBeVisible();
  },
};

export const DeniedInIosSafari: Story = {
  name: "Denied, iOS Safari",
  args: { state: { kind: "denied", device: "both" } },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByText(/Website Settings/)).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Try again" }));
    await expect(args.onAsk).toHaveBeenCalledOnce();
  },
};

export const DeniedInAndroidChrome: Story = {
  name: "Denied, Android Chrome",
  args: { platform: "android-chrome", state: { kind: "denied", device: "both" } },
};

/** The camera alone was refused: the microphone may go on alone, when the person says so. */
export const CameraDenied: Story = {
  name: "Camera denied",
  args: { state: { kind: "denied", device: "camera" } },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByRole("heading", { name: "The camera is off for this page" })).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Continue with the microphone only" }));
    await expect(args.onAsk).toHaveBeenCalledWith("camera");
  },
};

/** A computer's steps, in light surroundings. */
export const DeniedInDesktopChrome: Story = {
  name: "Denied, desktop Chrome, light theme",
  globals: { theme: "light" },
  args: { platform: "desktop-chrome", state: { kind: "denied", device: "both" } },
  parameters: { pictures: ["desktop"] },
};

export const BlockedByIos: Story = {
  name: "Blocked by iOS",
  args: { state: { kind: "blocked-by-system", device: "both" } },
};

export const BlockedByAndroid: Story = {
  name: "Blocked by Android",
  args: { platform: "android-chrome", state: { kind: "blocked-by-system", device: "both" } },
  parameters: WORDS_ONLY,
};

export const NoCameraAndNoMicrophone: Story = {
  name: "No device",
  args: { platform: "desktop-chrome", state: { kind: "no-device", missing: "both" } },
  parameters: WORDS_ONLY,
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading", { name: "No camera and no microphone found" })).toBeVisible();
  },
};

export const NoMicrophone: Story = {
  name: "No microphone",
  args: { platform: "desktop-chrome", state: { kind: "no-device", missing: "microphone" } },
  parameters: WORDS_ONLY,
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading", { name: "No microphone found" })).toBeVisible();
  },
};

export const CameraInUse: Story = {
  name: "Camera in use",
  args: { platform: "android-chrome", state: { kind: "in-use", device: "camera" } },
};

export const MicrophoneInUse: Story = {
  name: "Microphone in use",
  args: { state: { kind: "in-use", device: "microphone" } },
  parameters: WORDS_ONLY,
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading", { name: "The microphone is in use" })).toBeVisible();
  },
};

export const BlockedByFrame: Story = {
  name: "Blocked by the frame",
  args: { platform: "desktop-firefox", state: { kind: "blocked-by-frame", device: "both" } },
  parameters: WORDS_ONLY,
  play: async ({ args, canvas }) => {
    await expect(canvas.getByText(/can add allow="camera; microphone" to the frame/)).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Copy link" }));
    await expect(args.onCopyLink).toHaveBeenCalledOnce();
  },
};

export const InsecureFrame: Story = {
  name: "Insecure frame",
  args: { platform: "desktop-chrome", state: { kind: "insecure-frame" } },
  parameters: WORDS_ONLY,
  play: async ({ args, canvas }) => {
    await expect(
      canvas.getByRole("heading", { name: "The page around this one is not secure" }),
    ).toBeVisible();
    await expect(canvas.getByText(args.pageOrigin)).toBeVisible();
  },
};

export const InsecureAddress: Story = {
  name: "Insecure address",
  args: {
    platform: "android-chrome",
    pageOrigin: "http://192.168.1.20:3000",
    state: { kind: "insecure-address" },
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByText("http://192.168.1.20:3000")).toBeVisible();
  },
};

export const UnsupportedBrowser: Story = {
  name: "Unsupported browser",
  args: { state: { kind: "unsupported-browser", missing: "MediaRecorder" } },
  parameters: WORDS_ONLY,
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Copy link" }));
    await expect(args.onCopyLink).toHaveBeenCalledOnce();
  },
};

export const InAppBrowser: Story = {
  name: "In-app browser",
  args: { platform: "ios-other", state: { kind: "in-app-browser", appName: "Instagram" } },
};

export const Failed: Story = {
  args: {
    platform: "desktop-other",
    state: { kind: "failed", name: "AbortError", message: "Starting videoinput failed" },
  },
};

/** The pressed button disappears with its state; focus goes to the new title, so that it is read and Tab goes on. */
export const FocusFollowsTheState: Story = {
  args: { platform: "android-chrome", state: { kind: "before-asking" } },
  render: function Asked(args: PermissionGateProps) {
    const [state, setState] = useState<PermissionState>(args.state);
    return (
      <PermissionScreen
        gate={
          <PermissionGate
            {...args}
            state={state}
            onAsk={() => setState({ kind: "denied", device: "both" })}
          />
        }
      />
    );
  },
  play: async ({ canvas }) => {
    await userEvent.tab();
    await expect(canvas.getByRole("button", { name: "Allow camera and microphone" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect(canvas.getByRole("heading", { level: 1 })).toHaveFocus();
    await userEvent.tab();
    await expect(canvas.getByRole("button", { name: "Try again" })).toHaveFocus();
  },
};
