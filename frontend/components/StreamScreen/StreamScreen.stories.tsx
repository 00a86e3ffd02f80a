import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, userEvent, waitFor } from "storybook/test";
import { DemoPage } from "../mocks/DemoPage";
import { situations } from "../mocks/situations";

/**
 * The page in its main situations, put together from the same views as the real one, with a canvas as camera and an
 * oscillator as microphone. No backend is needed.
 */
const meta = {
  title: "Screens/Twincast",
  component: DemoPage,
  // it fills the screen: a frame of its own on the documentation page
  parameters: { docs: { story: { inline: false, height: "640px" } } },
} satisfies Meta<typeof DemoPage>;
export default meta;
type Story = StoryObj<typeof meta>;

const previewPlays = async ({ canvasElement }: { canvasElement: HTMLElement }) => {
  await waitFor(() => expect(canvasElement.querySelector("video")?.videoWidth).toBeGreaterThan(0));
};

export const Welcome: Story = { args: situations.welcome };
export const WelcomeInLight: Story = { globals: { theme: "light" }, args: situations.welcome };
/** What stands in the way is said before anything is recorded. */
export const BackendSilent: Story = { args: situations.backendSilent };
export const Ready: Story = { args: situations.ready, play: previewPlays };
export const Connecting: Story = { args: situations.connecting, play: previewPlays };
export const Live: Story = {
  args: situations.live,
  play: async ({ canvas, canvasElement }) => {
    await previewPlays({ canvasElement });
    await expect(canvas.getByRole("group", { name: "Video connection" })).toHaveTextContent("Live");
    await expect(canvas.getByRole("timer")).toHaveTextContent("12:40");
  },
};
export const LiveInLight: Story = { globals: { theme: "light" }, args: situations.live, play: previewPlays };
export const LiveRightToLeft: Story = {
  globals: { direction: "rtl" },
  args: situations.live,
  play: previewPlays,
};
export const LiveOverSnow: Story = { args: situations.snow, play: previewPlays };
export const BackCameraWithLight: Story = { args: situations.backCamera, play: previewPlays };
export const Muted: Story = { args: situations.muted, play: previewPlays };
/** One stream is cut and the other does not notice. */
export const VideoReconnecting: Story = { args: situations.videoReconnecting, play: previewPlays };
export const Behind: Story = { args: situations.behind, play: previewPlays };
export const Offline: Story = { args: situations.offline, play: previewPlays };
export const AudioOnly: Story = { args: situations.audioOnly };
export const InterruptedByCall: Story = { args: situations.interrupted, play: previewPlays };
export const Finishing: Story = { args: situations.finishing, play: previewPlays };
export const Ended: Story = { args: situations.ended, play: previewPlays };
export const EndedWithGaps: Story = { args: situations.endedWithGaps, play: previewPlays };
export const Refused: Story = { args: situations.refused, play: previewPlays };
export const WithToast: Story = { args: situations.withToast, play: previewPlays };

/** On a phone the details come as a sheet, by touch or keyboard, and give focus back. */
export const Details: Story = {
  args: { ...situations.live, detailsOpen: true },
  play: async ({ canvas, canvasElement }) => {
    await previewPlays({ canvasElement });
    const sheet = await canvas.findByRole("dialog", { name: "Details" });
    await waitFor(() => expect(sheet).toBeVisible());
    await userEvent.click(canvas.getByRole("button", { name: "Close details" }));
    await waitFor(() => expect(sheet).not.toBeVisible());
    await userEvent.click(canvas.getByRole("button", { name: "Show details" }));
    await waitFor(() => expect(sheet).toBeVisible());
    await waitFor(() => expect(canvas.getByRole("heading", { name: "Details", level: 2 })).toHaveFocus());
  },
};
