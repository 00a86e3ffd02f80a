import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { expect, fireEvent, fn, userEvent } from "storybook/test";
import type { RecordingSummary } from "twincast/watch";
import { selfie } from "../mocks/camera";
import { OnPage } from "../mocks/OnPage";
import { Still } from "../mocks/Still";
import { RecordingList } from "./RecordingList";
import { RecordingView } from "./RecordingView";
import type { RecordingListProps } from "./types";

const NOON = Date.UTC(2026, 10, 28, 12, 0);
const recording = (nth: number, more: Partial<RecordingSummary> = {}): RecordingSummary => ({
  id: `9f86d081884c7d659a2feaa0c55ad01${nth}`,
  name: `iPhone ${nth}f86`,
  state: "ended",
  startedAt: NOON - nth * 5_400_000,
  durationMs: 754_000 + nth * 61_000,
  bytes: 142_000_000 + nth * 9_300_000,
  gaps: 0,
  verified: true,
  ...more,
});
const some = [
  recording(1, { state: "recording", verified: null, durationMs: 41_000, bytes: 7_800_000 }),
  recording(2, { gaps: 3 }),
  recording(3, { state: "cut", verified: null }),
  recording(4),
];

/** What the backend keeps: each session with its length, size and gaps, to be played and downloaded. */
const meta = {
  title: "Components/Recordings",
  component: RecordingList,
  decorators: [
    (Story) => (
      <OnPage width={72}>
        <Story />
      </OnPage>
    ),
  ],
  args: {
    recordings: some,
    openId: null,
    hasMore: false,
    timeZone: "UTC",
    onOpen: fn(),
    onMore: fn(),
    onRefresh: fn(),
  },
} satisfies Meta<RecordingListProps>;
export default meta;
type Story = StoryObj<typeof meta>;

const view = (
  <RecordingView
    state={{ kind: "paused" }}
    positionMs={312_000}
    durationMs={876_000}
    marks={[
      { kind: "gap", stream: "video", fromMs: 210_000, toMs: 246_000 },
      { kind: "muted", stream: "audio", fromMs: 400_000, toMs: 640_000 },
    ]}
    files={[
      { stream: "video", name: "segment-0-from-0.mkv", bytes: 151_000_000, mimeType: "video/x-matroska" },
      { stream: "audio", name: "segment-0-from-0.webm", bytes: 5_200_000, mimeType: "audio/webm" },
    ]}
    picture={<Still scene={selfie} />}
    exporting={{ kind: "idle" }}
    onPlay={fn()}
    onPause={fn()}
    onSeek={fn()}
    onExport={fn()}
    onDownload={fn()}
  />
);

export const Empty: Story = {
  args: { recordings: [] },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByText("Nothing is recorded yet.")).toBeVisible();
  },
};

export const Some: Story = {
  args: { hasMore: true },
  parameters: { pictures: ["phone", "desktop"] },
  play: async ({ canvas, args }) => {
    const row = canvas.getByRole("button", { name: /iPhone 2f86/ });
    await expect(row).toHaveTextContent("3 gaps");
    await expect(canvas.getByRole("button", { name: /iPhone 3f86/ })).toHaveTextContent("Cut off");
    await userEvent.click(row);
    await expect(args.onOpen).toHaveBeenCalledWith(some[1]?.id);
    await userEvent.click(canvas.getByRole("button", { name: "Show older ones" }));
    await expect(args.onMore).toHaveBeenCalledOnce();
    (document.activeElement as HTMLElement).blur();
  },
};

export const Growing: Story = {
  args: { recordings: some.slice(0, 1) },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("button", { name: /iPhone 1f86/ })).toHaveTextContent("Recording now");
  },
};

export const Unreachable: Story = {
  args: { recordings: null, trouble: "The backend does not answer." },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("The backend does not answer.");
  },
};

export const Opened: Story = {
  args: { recordings: some.slice(1, 2), openId: some[1]?.id ?? null, opened: view },
  play: async ({ canvas }) => {
    await expect(
      canvas.getByRole("img", {
        name: "Video missing for 36\u00a0s at 3\u00a0min 30\u00a0s, Audio muted for 4\u00a0min at 6\u00a0min 40\u00a0s",
      }),
    ).toBeInTheDocument();
    fireEvent.change(canvas.getByRole("slider", { name: "Position" }), { target: { value: "60000" } });
    await userEvent.click(canvas.getByRole("button", { name: /one file/ }));
    (document.activeElement as HTMLElement).blur();
  },
};

export const CannotBeOneFile: Story = {
  args: {
    recordings: some.slice(1, 2),
    openId: some[1]?.id ?? null,
    opened: (
      <RecordingView
        {...view.props}
        exporting={{ kind: "failed", message: "Its codecs do not go into one file together." }}
      />
    ),
  },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("Its codecs do not go into one file");
  },
};
