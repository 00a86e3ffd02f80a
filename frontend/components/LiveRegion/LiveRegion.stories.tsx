import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useState } from "react";
import { expect, userEvent, waitFor } from "storybook/test";
import type { Announcement } from "@/components/shared/notification";
import { OnPage } from "../mocks/OnPage";
import { LiveRegion } from "./LiveRegion";
import type { LiveRegionProps } from "./types";

/**
 * Changes of state for people who do not see them: connected, reconnecting, caught up, received. At most one in three
 * seconds, the newest; never the clock, never a count. Only what puts data at risk interrupts.
 */
const meta = {
  title: "Components/Screen reader announcements (LiveRegion)",
  component: LiveRegion,
  args: { announcement: null },
  render: function Announcer(args: LiveRegionProps) {
    const [announcement, setAnnouncement] = useState<Announcement | null>(args.announcement);
    const say = (message: string, urgency: Announcement["urgency"]) => () =>
      setAnnouncement({ message, urgency });
    return (
      <OnPage>
        <p>What a screen reader is told stands in the page, unseen.</p>
        <div style={{ display: "grid", gap: 8, marginBlockStart: 16 }}>
          {(["Connecting", "Live", "Reconnecting"] as const).map((message) => (
            <button key={message} type="button" style={{ minBlockSize: 48 }} onClick={say(message, "status")}>
              {message}
            </button>
          ))}
          <button type="button" style={{ minBlockSize: 48 }} onClick={say("Camera stopped", "alert")}>
            Camera stopped
          </button>
        </div>
        <LiveRegion {...args} announcement={announcement} />
      </OnPage>
    );
  },
} satisfies Meta<typeof LiveRegion>;
export default meta;
type Story = StoryObj<typeof meta>;

export const SaysTheNewestOnly: Story = {
  args: { minIntervalMs: 1000 },
  play: async ({ canvas }) => {
    const status = canvas.getByRole("status");
    await userEvent.click(canvas.getByRole("button", { name: "Connecting" }));
    await waitFor(() => expect(status).toHaveTextContent("Connecting"));
    const said: string[] = [];
    const watcher = new MutationObserver(() => said.push(status.textContent ?? ""));
    watcher.observe(status, { childList: true, characterData: true, subtree: true });
    await userEvent.click(canvas.getByRole("button", { name: "Live" }));
    await userEvent.click(canvas.getByRole("button", { name: "Reconnecting" }));
    await waitFor(() => expect(status).toHaveTextContent("Reconnecting"), { timeout: 3000 });
    watcher.disconnect();
    await expect(said).toEqual(["Reconnecting"]);
  },
};

export const AnAlertDoesNotWait: Story = {
  args: { minIntervalMs: 60_000 },
  play: async ({ canvas }) => {
    await userEvent.click(canvas.getByRole("button", { name: "Live" }));
    await waitFor(() => expect(canvas.getByRole("status")).toHaveTextContent("Live"));
    await userEvent.click(canvas.getByRole("button", { name: "Camera stopped" }));
    await waitFor(() => expect(canvas.getByRole("alert")).toHaveTextContent("Camera stopped"));
  },
};
