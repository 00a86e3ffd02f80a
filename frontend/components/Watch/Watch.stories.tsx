import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, fn, userEvent } from "storybook/test";
import type { WatchAccess, WatchedStream } from "twincast/watch";
import { selfie } from "../mocks/camera";
import { Still } from "../mocks/Still";
import { both, watched } from "../mocks/watched";
import { WatchScreen } from "./WatchScreen";
import { WatchTile } from "./WatchTile";

type Phone = { name: string; streams: readonly WatchedStream[]; showsPicture?: boolean };
type Props = {
  access: WatchAccess;
  phones: readonly Phone[];
  onGive: (secret: string) => void;
  onRetry: () => void;
};

/** The page with its two choices: who is heard, and who is large. */
function Watching({ access, phones, onGive, onRetry }: Props) {
  const [heard, setHeard] = useState<string | null>(null);
  const [large, setLarge] = useState<string | null>(null);
  return (
    <WatchScreen
      access={access}
      hasLargeTile={large !== null}
      pageOrigin="https://twincast.example.com"
      onGive={onGive}
      onRetry={onRetry}
      tiles={phones.map(({ name, streams, showsPicture = true }) => (
        <WatchTile
          key={name}
          name={name}
          streams={streams}
          picture={showsPicture && <Still scene={selfie} />}
          size={large === null ? "in-grid" : large === name ? "large" : "small"}
          isHeard={heard === name}
          onHear={(hears) => setHeard(hears ? name : null)}
          onEnlarge={(enlarges) => setLarge(enlarges ? name : null)}
        />
      ))}
    />
  );
}

const phone = (streams: readonly WatchedStream[], name = "iPhone 9f86", showsPicture = true): Phone => ({
  name,
  streams,
  showsPicture,
});

/**
 * What the backend receives, on the page `/watch`: each phone with its picture, its sound by a click, the delay from
 * capture to here, and the last minute of each stream with what is missing in it.
 */
const meta = {
  title: "Screens/Watch",
  component: Watching,
  args: { access: { kind: "open" }, phones: [], onGive: fn(), onRetry: fn() },
  parameters: { docs: { story: { inline: false, height: "844px" } } },
} satisfies Meta<typeof Watching>;
export default meta;
type Story = StoryObj<typeof meta>;

const state = (stream: "Video" | "Audio", text: string): NonNullable<Story["play"]> => {
  return async ({ canvas }) => {
    await expect(canvas.getByRole("group", { name: `${stream} of this phone` })).toHaveTextContent(text);
  };
};

export const NothingLive: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("heading", { name: "Nothing is live" })).toBeVisible();
  },
};

export const OnePhone: Story = {
  args: { phones: [phone(both())] },
  play: async ({ canvas }) => {
    const sound = canvas.getByRole("button", { name: "Sound of iPhone 9f86" });
    await expect(sound).toHaveAttribute("aria-pressed", "false");
    await userEvent.click(sound);
    await expect(sound).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(sound);
    (document.activeElement as HTMLElement).blur();
    await expect(
      canvas.getByRole("img", { name: "Video, last minute: nothing missing" }),
    ).toBeInTheDocument();
  },
};

const nine = Array.from({ length: 9 }, (_, n) =>
  phone(both(), `Android ${(0xa1b2 + n * 4_099).toString(16)}`),
);

export const NinePhones: Story = {
  args: { phones: nine },
  parameters: { pictures: ["desktop"] },
  play: async ({ canvas }) => {
    await expect(canvas.getAllByRole("article")).toHaveLength(9);
    await userEvent.click(canvas.getByRole("button", { name: "Sound of Android a1b2" }));
    await userEvent.click(canvas.getByRole("button", { name: "Sound of Android b1b5" }));
    await expect(canvas.getAllByRole("button", { pressed: true })).toHaveLength(1);
    await userEvent.click(canvas.getByRole("button", { name: "Sound of Android b1b5" }));
    (document.activeElement as HTMLElement).blur();
  },
};

export const OneLarge: Story = {
  args: { phones: nine },
  parameters: { pictures: ["phone", "desktop"] },
  play: async ({ canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Android b1b5 large" }));
    await expect(canvas.getAllByRole("group")).toHaveLength(2);
    (document.activeElement as HTMLElement).blur();
  },
};

export const WithAGap: Story = {
  args: {
    phones: [
      phone([
        watched("video", { kind: "live" }, [
          { kind: "cut", from: 0.2, to: 0.45 },
          { kind: "gap", from: 0.2, to: 0.32 },
          { kind: "skipped", from: 0.7, to: 0.74 },
        ]),
        watched("audio", { kind: "live" }, [{ kind: "muted", from: 0.5, to: 0.9 }]),
      ]),
    ],
  },
  play: async ({ canvas }) => {
    await expect(
      canvas.getByRole("img", { name: "Video, last minute: 1 gap, 1 cut, skipped once" }),
    ).toBeInTheDocument();
    await expect(canvas.getByRole("img", { name: "Audio, last minute: muted once" })).toBeInTheDocument();
  },
};

export const PhoneAway: Story = {
  args: { phones: [phone(both({ kind: "gone" }, [{ kind: "cut", from: 0.85, to: 1 }]))] },
  play: state("Video", "The phone is away"),
};

export const Muted: Story = {
  args: {
    phones: [
      phone([watched("video"), watched("audio", undefined, [{ kind: "muted", from: 0.8, to: 1 }], true)]),
    ],
  },
  parameters: { pictures: [] },
  play: state("Audio", "Live, muted"),
};

export const SkippedHere: Story = {
  args: { phones: [phone(both({ kind: "skipped" }, [{ kind: "skipped", from: 0.93, to: 0.97 }]))] },
  parameters: { pictures: [] },
  play: state("Video", "Skipped ahead"),
};

export const Joining: Story = {
  args: { phones: [phone(both({ kind: "joining" }), "iPhone 9f86", false)] },
  parameters: { pictures: [] },
  play: state("Video", "Waiting for a picture to begin with"),
};

export const Resting: Story = {
  args: { phones: [phone(both({ kind: "resting" }))] },
  parameters: { pictures: [] },
  play: state("Video", "Resting"),
};

export const Reconnecting: Story = {
  args: { phones: [phone(both({ kind: "reconnecting", attempt: 3 }))] },
  parameters: { pictures: [] },
  play: state("Video", "Reconnecting"),
};

export const Ended: Story = {
  args: { phones: [phone(both({ kind: "ended", verified: true }))] },
  play: state("Video", "Ended, verified"),
};

export const NoDecoder: Story = {
  args: {
    phones: [
      phone(
        [
          watched("video", { kind: "failed", code: "no-decoder", message: "NotSupportedError" }),
          watched("audio"),
        ],
        "iPhone 9f86",
        false,
      ),
    ],
  },
  parameters: { pictures: [] },
  play: state("Video", "This browser cannot decode it"),
};

export const NotAllowed: Story = {
  args: { access: { kind: "not-allowed", wasRefused: false } },
  play: async ({ canvas, args }) => {
    const given = canvas.getByLabelText("Key or token");
    await expect(given).toHaveAttribute("type", "password");
    await userEvent.type(given, "open sesame");
    await userEvent.click(canvas.getByRole("button", { name: "Watch" }));
    await expect(args.onGive).toHaveBeenCalledWith("open sesame");
    await userEvent.clear(given);
    (document.activeElement as HTMLElement).blur();
  },
};

export const WrongKey: Story = {
  args: { access: { kind: "not-allowed", wasRefused: true } },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("The backend refused it");
  },
};

export const SwitchedOff: Story = {
  args: { access: { kind: "switched-off" } },
  parameters: { pictures: [] },
  play: async ({ canvas, args }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("WATCH=1");
    await userEvent.click(canvas.getByRole("button", { name: "Check again" }));
    await expect(args.onRetry).toHaveBeenCalledOnce();
  },
};

export const NoWebCodecs: Story = {
  args: { access: { kind: "unsupported-browser", missing: "WebCodecs" } },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("It has no WebCodecs");
  },
};

export const BackendSilent: Story = {
  args: { access: { kind: "silent" } },
  parameters: { pictures: [] },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole("alert")).toHaveTextContent("The backend does not answer");
  },
};
