import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useEffect, useState } from "react";
import { expect, userEvent, waitFor } from "storybook/test";
import { PLATFORMS, type Platform } from "twincast";
import { PHONE } from "@/components/mocks/phone";
import { STATUSES, type StatusName } from "@/components/mocks/statuses";
import { SessionScreen } from "./StreamPage";
import { fakeSession, PAGE_ORIGIN } from "./testing/fake-session";
import { type SituationName, situations } from "./testing/situations";

type Props = {
  /** What the session has come into. */
  situation: SituationName;
  platform: Platform;
  /** What one stream is in instead. */
  video?: StatusName;
  audio?: StatusName;
};

/** The product's own page, of a session that is told what to be in. */
function PageIn({ situation, platform, video, audio }: Props) {
  const [told] = useState(fakeSession);
  const { session } = told;
  useEffect(() => {
    const end = situations[situation](session);
    if (video) session.video.status.set(STATUSES[video]);
    if (audio) session.audio.status.set(STATUSES[audio]);
    return end;
  }, [session, situation, video, audio]);
  return (
    <SessionScreen
      told={told}
      platform={platform}
      backendHost={session.address.host}
      pageOrigin={PAGE_ORIGIN}
      phone={platform.startsWith("desktop-") ? PHONE : null}
    />
  );
}

const spoken = (name: string) =>
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/**
 * The page itself in its main situations, with a canvas as camera and an oscillator as microphone. Only the session is
 * played: its stores are set, and everything that is seen and said is made by the product's own code.
 */
const meta = {
  title: "Screens/Twincast",
  component: PageIn,
  render: (args) => <PageIn key={`${args.situation} ${args.video} ${args.audio}`} {...args} />,
  args: { situation: "live", platform: "ios-safari" },
  argTypes: {
    situation: {
      control: {
        type: "select",
        // "readyWithoutCamera" as a person would say it
        labels: Object.fromEntries(Object.keys(situations).map((name) => [name, spoken(name)])),
      },
      options: Object.keys(situations),
    },
    video: { control: "select", options: Object.keys(STATUSES) },
    audio: { control: "select", options: Object.keys(STATUSES) },
    platform: { control: "select", options: PLATFORMS },
  },
  parameters: {
    pictures: ["phone", "desktop"],
    // it fills the screen: a frame of its own on the documentation page
    docs: { story: { inline: false, height: "844px" } },
  },
} satisfies Meta<typeof PageIn>;
export default meta;
type Story = StoryObj<typeof meta>;
type Canvas = Parameters<NonNullable<Story["play"]>>[0]["canvas"];

const button = (canvas: Canvas, name: string) => canvas.findByRole("button", { name });
const badge = (canvas: Canvas, stream: "Video" | "Audio") =>
  // The rest of the page comes after the first screen.
  canvas.findByRole("group", { name: `${stream} connection` }, { timeout: 10_000 });

/** The badges say this, and the record button offers that. */
const shows =
  (video: string, audio: string, recordButton: string): NonNullable<Story["play"]> =>
  async ({ canvas, canvasElement }) => {
    await expect(await badge(canvas, "Video")).toHaveTextContent(video);
    await expect(await badge(canvas, "Audio")).toHaveTextContent(audio);
    await expect(await button(canvas, recordButton)).toBeVisible();
    // as when the window lies behind another one: toasts stay until the page is pictured
    window.dispatchEvent(new Event("blur"));
    // the picture that a camera gives is there before the page is pictured
    const preview = canvasElement.querySelector("video");
    if (preview?.srcObject) await waitFor(() => expect(preview.videoWidth).toBeGreaterThan(0));
  };
const showsLive = shows("Live96 ms delay", "Live74 ms delay", "Stop streaming");

const ALL_SCREENS = { pictures: ["phone", "landscape", "desktop"] };
const EVERY_SIZE = { pictures: ["phone", "landscape", "desktop", "small", "smallLandscape"] };
/** Another ground, another direction: nothing that another width would show. */
const PHONE_ONLY = { pictures: ["phone"] };

export const Welcome: Story = {
  args: { situation: "welcome" },
  parameters: ALL_SCREENS,
  play: async ({ canvas }) => {
    await expect(canvas.getByText(/sends what they pick up to backend\.example\.com/)).toBeVisible();
    await expect(await button(canvas, "Allow camera and microphone")).toBeVisible();
  },
};

export const WelcomeLightTheme: Story = {
  name: "Welcome, light theme",
  globals: { theme: "light" },
  args: { situation: "welcome" },
  parameters: PHONE_ONLY,
};

/** Before anything else: what a page that is gone left on this device. */
export const WelcomeBack: Story = {
  name: "Welcome back, an earlier session on its way",
  args: { situation: "welcomeBack" },
  play: async ({ canvas }) => {
    const title = /^12.s of video and 12.s of sound from .* are on this device$/;
    await expect(await canvas.findByRole("heading", { name: title })).toBeVisible();
    await expect(await button(canvas, "Discard")).toBeVisible();
    await expect(await button(canvas, "Allow camera and microphone")).toBeVisible();
  },
};

/** A computer has a camera too; the better one is in a pocket. */
export const WelcomeOnComputer: Story = {
  name: "Welcome, on a computer",
  args: { situation: "welcome", platform: "desktop-chrome" },
  parameters: { pictures: ["desktop"] },
  play: async ({ canvas }) => {
    // Beside the words where the window is wide enough.
    await expect(canvas.getByText("Open this on your phone")).toBeInTheDocument();
    await expect(await button(canvas, "Allow camera and microphone")).toBeVisible();
  },
};

export const ReadyAndDelivered: Story = {
  name: "Ready, an earlier session delivered",
  args: { situation: "readyAndDelivered" },
  play: async ({ canvas }) => {
    await expect(
      await canvas.findByRole("heading", { name: "Everything arrived" }, { timeout: 10_000 }),
    ).toBeVisible();
    await expect(await button(canvas, "Start streaming")).toBeVisible();
  },
};

export const LiveBesideAnEarlier: Story = {
  name: "Live, an earlier session on its way",
  args: { situation: "liveBesideAnEarlier" },
  parameters: { pictures: ["phone", "small", "smallLandscape"] },
  play: showsLive,
};

export const LiveElsewhere: Story = {
  name: "Welcome, live in another tab",
  args: { situation: "liveElsewhere" },
  parameters: PHONE_ONLY,
  play: async ({ canvas }) => {
    await expect(await canvas.findByRole("heading", { name: "Streaming in another tab" })).toBeVisible();
  },
};

/** What stands in the way is said before anything is recorded. */
export const BackendSilent: Story = {
  name: "Welcome, backend silent",
  args: { situation: "backendSilent" },
  play: async ({ canvas }) => {
    const title = "The backend at https://backend.example.com does not answer";
    await expect(await canvas.findByRole("heading", { name: title })).toBeVisible();
    await expect(await button(canvas, "Check again")).toBeVisible();
  },
};

export const Ready: Story = {
  args: { situation: "ready" },
  play: async (context) => {
    await shows("Ready", "Ready", "Start streaming")(context);
    await expect(context.canvas.queryByRole("timer")).toBeNull();
  },
};

export const ReadyWithoutCamera: Story = {
  name: "Ready, without camera",
  args: { situation: "readyWithoutCamera" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await shows("No camera", "Ready", "Start streaming")(context);
    await expect(context.canvas.queryByRole("button", { name: "Switch camera" })).toBeNull();
  },
};

export const Connecting: Story = {
  args: { situation: "connecting" },
  play: async (context) => {
    await shows("Connecting", "Connecting", "Starting")(context);
    await expect(await button(context.canvas, "Cancel")).toHaveAttribute("aria-disabled", "false");
  },
};

/** What is known stands on the screen from the first to the first acknowledgement. */
export const ReadyBackendSilent: Story = {
  name: "Ready, backend silent",
  args: { situation: "readyBackendSilent" },
  parameters: EVERY_SIZE,
  play: async (context) => {
    await shows("Ready", "Ready", "Start streaming")(context);
    await expect(context.canvas.getByText(/does not answer$/)).toBeVisible();
  },
};

/** Nothing has arrived: no clock, no quality. */
export const NotSentYet: Story = {
  name: "Started, not sent yet",
  args: { situation: "notSentYet" },
  play: async (context) => {
    const { canvas } = context;
    await shows("ConnectingTrying again", "ConnectingTrying again", "Stop streaming")(context);
    await expect(canvas.getByText("Connecting, not sent yet")).toBeVisible();
    await expect(canvas.queryByRole("timer")).toBeNull();
    await expect(canvas.getByText(/^Still trying to reach https:\/\/backend/)).toBeVisible();
  },
};

export const NoLiveConnection: Story = {
  name: "Started, no WebSocket comes through",
  args: { situation: "noLiveConnection" },
  parameters: EVERY_SIZE,
  play: async (context) => {
    await shows("Connecting", "Connecting", "Stop streaming")(context);
    await expect(context.canvas.getByText(/^Try another network/)).toBeVisible();
  },
};

export const AddressFull: Story = {
  name: "Started, address full",
  args: { situation: "addressFull" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await shows("Connecting", "Connecting", "Stop streaming")(context);
    await expect(context.canvas.getByText(/^This address has 50 sessions open/)).toBeVisible();
  },
};

/** Known on arrival; what is wrong with the backend does not matter then. */
export const InsecureAddress: Story = {
  name: "Welcome, insecure address",
  args: { situation: "insecureAddress" },
  parameters: PHONE_ONLY,
  play: async ({ canvas }) => {
    await expect(await canvas.findByRole("heading", { name: "Open the secure address" })).toBeVisible();
    await expect(await button(canvas, "Copy link")).toBeVisible();
    await expect(canvas.queryByText(/ALLOWED_ORIGINS/)).toBeNull();
  },
};

export const Live: Story = {
  parameters: ALL_SCREENS,
  play: async (context) => {
    await showsLive(context);
    await expect(context.canvas.getByRole("timer")).toHaveTextContent("12:40");
    // A path that is good is not worth a word over the picture.
    await expect(context.canvas.queryByText(/^Excellent/, { selector: "p[data-level] *" })).toBeNull();
  },
};

export const LiveLightTheme: Story = {
  name: "Live, light theme",
  globals: { theme: "light" },
  parameters: { pictures: ["desktop"] },
  play: showsLive,
};

export const LiveRightToLeft: Story = {
  name: "Live, right to left",
  globals: { direction: "rtl" },
  parameters: PHONE_ONLY,
  play: showsLive,
};

export const LiveOverSnow: Story = {
  name: "Live, over snow",
  args: { situation: "snow" },
  parameters: PHONE_ONLY,
  play: showsLive,
};

export const Torch: Story = {
  name: "Live, back camera with torch",
  args: { situation: "torch" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await showsLive(context);
    await expect(await button(context.canvas, "Turn off light")).toBeVisible();
    await expect(context.canvas.getByLabelText("Camera preview")).toBeVisible();
  },
};

/** One device is not there: what is offered before Start is gone with it. */
export const StartingWithoutCamera: Story = {
  name: "Starting, without camera",
  args: { situation: "startingWithoutCamera" },
  parameters: PHONE_ONLY,
  play: shows("No camera", "Connecting", "Starting"),
};

/** Muting is the session's, not the story's: the button works. */
export const Muted: Story = {
  args: { situation: "muted" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    const { canvas } = context;
    await showsLive(context);
    await userEvent.click(await button(canvas, "Unmute microphone"));
    await userEvent.click(await button(canvas, "Mute microphone"));
    await expect(canvas.getByRole("meter")).toHaveAttribute("aria-valuetext", "Microphone muted");
  },
};

export const Silent: Story = {
  name: "Silent microphone",
  args: { situation: "silent" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await showsLive(context);
    await expect(context.canvas.getByText("No sound for 5 s")).toBeVisible();
    await expect(await button(context.canvas, "Dismiss")).toBeVisible();
    letToastsStay();
  },
};

/** One stream is cut and the other does not notice. */
export const VideoReconnecting: Story = {
  args: { situation: "videoReconnecting" },
  play: async (context) => {
    await shows("ReconnectingKeeping 8.2 s", "Live", "Stop streaming")(context);
  },
};

/** The system ended the stream's worker: another one takes its place. */
export const VideoRestarting: Story = {
  args: { situation: "restarting" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await shows("InterruptedStarting again", "Live", "Stop streaming")(context);
    await expect(await context.canvas.findByText("Video: interrupted")).toBeVisible();
    letToastsStay();
  },
};

export const Behind: Story = {
  args: { situation: "behind" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await shows("Behind1.2 s, catching up", "Live", "Stop streaming")(context);
  },
};

export const Offline: Story = {
  args: { situation: "offline" },
  parameters: PHONE_ONLY,
  play: shows("OfflineKeeping 42 s", "OfflineKeeping 42 s", "Stop streaming"),
};

/** What is not there has no meter and no rate, and says so. */
export const AudioOnly: Story = {
  args: { situation: "audioOnly" },
  play: async (context) => {
    const { canvas } = context;
    await shows("No camera", "Live", "Stop streaming")(context);
    await expect(canvas.queryByRole("group", { name: "Video data rate" })).toBeNull();
    await expect(canvas.getByRole("group", { name: "Audio data rate" })).toBeVisible();
  },
};

export const VideoOnly: Story = {
  args: { situation: "videoOnly" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    const { canvas } = context;
    await shows("Live", "No microphone", "Stop streaming")(context);
    await expect(canvas.getByRole("meter")).toHaveAttribute(
      "aria-valuetext",
      "No microphone: only video is sent",
    );
    await expect(canvas.queryByRole("group", { name: "Audio data rate" })).toBeNull();
    await expect(canvas.queryByRole("button", { name: "Mute microphone" })).toBeNull();
  },
};

export const InterruptedByCall: Story = {
  name: "Interrupted by a call",
  args: { situation: "interrupted" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await shows("Live", "Live", "Stop streaming")(context);
    await expect(context.canvas.getByText("Paused by a call")).toBeVisible();
    await expect(await button(context.canvas, "Resume camera")).toBeVisible();
  },
};

export const Finishing: Story = {
  args: { situation: "finishing" },
  play: async (context) => {
    await shows("Finishing62 %, 1.2 MB left", "All received", "Finishing upload")(context);
    await expect(await button(context.canvas, "Discard the rest")).toBeVisible();
  },
};

/** Nothing is called sent while a stream is cut. */
export const FinishingWhileCut: Story = {
  name: "Finishing, video cut",
  args: { situation: "finishingWhileCut" },
  parameters: PHONE_ONLY,
  play: async (context) => {
    await shows("Reconnecting", "All received", "Finishing upload")(context);
    const note = /^Waiting for the connection, 8\.1\ss \(150\sKB\) still on this device\./;
    await expect(context.canvas.getByText(note)).toBeVisible();
    await expect(context.canvas.queryByText(/100\s%/)).toBeNull();
  },
};

const endsWith =
  (title: string): NonNullable<Story["play"]> =>
  async ({ canvas }) => {
    await expect(await canvas.findByRole("heading", { name: title, level: 2 })).toBeVisible();
    await expect(await button(canvas, "New session")).toBeVisible();
  };

export const Ended: Story = {
  args: { situation: "ended" },
  parameters: ALL_SCREENS,
  play: endsWith("Everything arrived"),
};

export const EndedWithGap: Story = {
  name: "Ended, with a gap",
  args: { situation: "endedWithGap" },
  play: async (context) => {
    await endsWith("Arrived, with gaps")(context);
    await expect(context.canvas.getByText("3.2 s missing: this device could keep no more")).toBeVisible();
  },
};

export const EndedPartlyVerified: Story = {
  name: "Ended, partly verified",
  args: { situation: "endedPartlyVerified" },
  parameters: PHONE_ONLY,
  play: endsWith("Everything was received"),
};

export const Discarded: Story = {
  name: "Ended, rest discarded",
  args: { situation: "discarded" },
  parameters: PHONE_ONLY,
  play: endsWith("Ended early"),
};

export const Refused: Story = {
  args: { situation: "refused" },
  play: endsWith("The session was stopped"),
};

/** A gap stays until it is sent away; that the video is live again passes. */
export const Notifications: Story = {
  args: { situation: "notifications" },
  play: async (context) => {
    const { canvas } = context;
    await showsLive(context);
    await expect(await canvas.findByText("Video: 3.2 s are missing")).toBeVisible();
    await expect(await canvas.findByText("Video: live again")).toBeVisible();
    letToastsStay();
  },
};

/** However much there is to tell, it lies over nothing that must be read or pressed. */
export const ManyNotifications: Story = {
  name: "Many notifications",
  args: { situation: "manyNotifications" },
  parameters: EVERY_SIZE,
  play: async (context) => {
    await showsLive(context);
    await expect(await context.canvas.findByText("Video: 82.0 s are missing in 10 gaps")).toBeInTheDocument();
    letToastsStay();
  },
};

/** Toasts wait while nobody looks at the window. */
function letToastsStay() {
  window.dispatchEvent(new Event("blur"));
}

/** On a phone the details come as a sheet, by touch or keyboard, and give focus back. */
export const Details: Story = {
  parameters: { pictures: ["phone", "landscape"] },
  play: async (context) => {
    const { canvas } = context;
    await showsLive(context);
    await userEvent.click(await button(canvas, "Show details"));
    const sheet = await canvas.findByRole("dialog", { name: "Details" });
    await waitFor(() => expect(sheet).toBeVisible());
    await userEvent.click(await button(canvas, "Close details"));
    await waitFor(() => expect(canvas.queryByRole("dialog")).toBeNull());
    await expect(await button(canvas, "Show details")).toHaveFocus();
    await userEvent.click(await button(canvas, "Show details"));
    await waitFor(() => expect(canvas.getByRole("dialog", { name: "Details" })).toBeVisible());
    await waitFor(() => expect(canvas.getByRole("heading", { name: "Details", level: 2 })).toHaveFocus());
  },
};

/** Letters of twice the size: nothing is cut off, and every button is where a finger meets it. */
const LARGE_TEXT = {
  globals: { text: "200%" },
  parameters: { pictures: ["phone", "small", "smallLandscape"] },
} as const;
const ONE_LARGE = { globals: { text: "200%" }, parameters: PHONE_ONLY } as const;

export const WelcomeLargeText: Story = {
  ...LARGE_TEXT,
  name: "Large text: welcome",
  args: { situation: "welcome" },
};
export const BackendSilentLargeText: Story = {
  ...ONE_LARGE,
  name: "Large text: backend silent",
  args: { situation: "readyBackendSilent" },
  play: async ({ canvas }) => void (await button(canvas, "Start streaming")),
};
export const ReadyLargeText: Story = {
  ...ONE_LARGE,
  name: "Large text: ready",
  args: { situation: "ready" },
  play: async ({ canvas }) => void (await button(canvas, "Start streaming")),
};
export const LiveLargeText: Story = { ...LARGE_TEXT, name: "Large text: live", play: showsLive };
export const OfflineLargeText: Story = {
  ...ONE_LARGE,
  name: "Large text: offline",
  args: { situation: "offline" },
  play: async ({ canvas }) => void (await button(canvas, "Stop streaming")),
};
export const FinishingLargeText: Story = {
  ...ONE_LARGE,
  name: "Large text: finishing",
  args: { situation: "finishing" },
  play: async ({ canvas }) => void (await button(canvas, "Finishing upload")),
};
export const EndedLargeText: Story = {
  ...LARGE_TEXT,
  name: "Large text: ended",
  args: { situation: "ended" },
  play: endsWith("Everything arrived"),
};
