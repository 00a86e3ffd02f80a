import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fn, userEvent } from "storybook/test";
import { StreamScreen } from "../StreamScreen";
import { PermissionGate } from "./PermissionGate";
import type { PermissionGateProps, PermissionState } from "./types";

/**
 * What stands where the picture will be, for as long as there is no camera and microphone. Each state says what
 * happened and what to do about it on this very platform; all but `asking` offer a way out.
 *
 * | state | when |
 * | --- | --- |
 * | before-asking | on arrival: why, what is sent, and where to |
 * | asking | the browser's question is open |
 * | unanswered | it has been open for 20 s |
 * | dismissed | closed without an answer (Chrome) |
 * | denied | refused for this page |
 * | blocked-by-system | allowed for this page, refused by the phone or computer |
 * | no-device | no camera, no microphone, or neither |
 * | in-use | another app holds on to it |
 * | insecure-address | opened at http:// on something else than localhost |
 * | unsupported-browser | a piece is missing without which nothing can be sent |
 * | in-app-browser | it failed in the window of another app |
 * | failed | anything else, in the browser's words |
 */
const meta = {
  title: "Components/PermissionGate",
  component: PermissionGate,
  // it fills the screen: a frame of its own on the documentation page
  parameters: { docs: { story: { inline: false, height: "640px" } } },
  args: {
    platform: "ios-safari",
    host: "twincast.example.com",
    onAsk: fn(),
    onCopyLink: fn(),
    onContinueWith: fn(),
  },
  render: (args) => <StreamScreen gate={<PermissionGate {...args} />} />,
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

export const BeforeAskingInLight: Story = {
  globals: { theme: "light" },
  args: { state: { kind: "before-asking" } },
};

export const BeforeAskingRightToLeft: Story = {
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

export const Dismissed: Story = { args: { platform: "android-chrome", state: { kind: "dismissed" } } };

export const DeniedInIosSafari: Story = {
  args: { state: { kind: "denied" } },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByText(/Website Settings/)).toBeVisible();
    await userEvent.click(canvas.getByRole("button", { name: "Try again" }));
    await expect(args.onAsk).toHaveBeenCalledOnce();
  },
};

export const DeniedInIosSafariInLight: Story = {
  globals: { theme: "light" },
  args: { state: { kind: "denied" } },
};

export const DeniedInIosChrome: Story = { args: { platform: "ios-chrome", state: { kind: "denied" } } };

export const DeniedInAnotherIosBrowser: Story = {
  args: { platform: "ios-other", state: { kind: "denied" } },
};

export const DeniedInAndroidChrome: Story = {
  args: { platform: "android-chrome", state: { kind: "denied" } },
};

export const DeniedInSamsungInternet: Story = {
  args: { platform: "android-samsung", state: { kind: "denied" } },
};

export const DeniedInAndroidFirefox: Story = {
  args: { platform: "android-firefox", state: { kind: "denied" } },
};

export const DeniedInAnotherAndroidBrowser: Story = {
  args: { platform: "android-other", state: { kind: "denied" } },
};

export const DeniedInDesktopChrome: Story = {
  args: { platform: "desktop-chrome", state: { kind: "denied" } },
};

export const DeniedInDesktopSafari: Story = {
  args: { platform: "desktop-safari", state: { kind: "denied" } },
};

export const DeniedInDesktopFirefox: Story = {
  args: { platform: "desktop-firefox", state: { kind: "denied" } },
};

export const DeniedInAnotherDesktopBrowser: Story = {
  args: { platform: "desktop-other", state: { kind: "denied" } },
};

export const BlockedByIos: Story = { args: { state: { kind: "blocked-by-system" } } };

export const BlockedByAndroid: Story = {
  args: { platform: "android-chrome", state: { kind: "blocked-by-system" } },
};

export const BlockedByComputer: Story = {
  args: { platform: "desktop-chrome", state: { kind: "blocked-by-system" } },
};

export const NoCamera: Story = {
  args: { platform: "desktop-chrome", state: { kind: "no-device", missing: "camera" } },
  play: async ({ args, canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Continue with microphone only" }));
    await expect(args.onContinueWith).toHaveBeenCalledWith("microphone");
  },
};

export const NoMicrophone: Story = {
  args: { platform: "desktop-chrome", state: { kind: "no-device", missing: "microphone" } },
};

export const NoCameraAndNoMicrophone: Story = {
  args: { platform: "desktop-chrome", state: { kind: "no-device", missing: "both" } },
  play: async ({ canvas }) => {
    await expect(canvas.queryByRole("button", { name: /Continue/ })).toBeNull();
  },
};

export const CameraInUse: Story = {
  args: { platform: "android-chrome", state: { kind: "in-use", device: "camera" } },
};

export const MicrophoneInUse: Story = { args: { state: { kind: "in-use", device: "microphone" } } };

export const SomethingInUse: Story = {
  args: { platform: "desktop-firefox", state: { kind: "in-use", device: "unknown" } },
};

export const InsecureAddress: Story = {
  args: {
    platform: "android-chrome",
    state: { kind: "insecure-address", address: "https://192.168.1.20:3443/" },
  },
  play: async ({ args, canvas }) => {
    await expect(canvas.getByRole("link", { name: "Open secure address" })).toHaveAttribute(
      "href",
      "https://192.168.1.20:3443/",
    );
    await userEvent.click(canvas.getByRole("button", { name: "Copy link" }));
    await expect(args.onCopyLink).toHaveBeenCalledOnce();
  },
};

/** Where nobody can tell at which port the secure address is. */
export const InsecureAddressUnknown: Story = {
  args: {
    platform: "android-chrome",
    state: { kind: "insecure-address", address: "http://192.168.1.20:3000" },
  },
  play: async ({ canvas }) => {
    await expect(canvas.queryByRole("link")).toBeNull();
  },
};

export const UnsupportedBrowser: Story = {
  args: { state: { kind: "unsupported-browser", missing: "MediaRecorder" } },
};

export const InAppBrowserOnIos: Story = {
  args: { platform: "ios-other", state: { kind: "in-app-browser", appName: "Instagram" } },
};

export const InAppBrowserOnAndroid: Story = {
  args: { platform: "android-other", state: { kind: "in-app-browser", appName: null } },
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
      <StreamScreen
        gate={<PermissionGate {...args} state={state} onAsk={() => setState({ kind: "denied" })} />}
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
