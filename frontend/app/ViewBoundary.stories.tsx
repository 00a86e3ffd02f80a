import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { useEffect, useState } from "react";
import { expect, userEvent } from "storybook/test";
import { SessionScreen } from "./StreamPage";
import { fakeSession, PAGE_ORIGIN } from "./testing/fake-session";
import { situations } from "./testing/situations";
import { ViewBoundary } from "./ViewBoundary";

/** A part of the page that fails as long as it is there. */
function Broken(): never {
  throw new Error("A part of the page failed.");
}

function LivePage() {
  const [told] = useState(fakeSession);
  const { session } = told;
  const [isBroken, setBroken] = useState(false);
  useEffect(() => situations.live(session), [session]);
  return (
    <>
      <button type="button" style={{ minBlockSize: 48 }} onClick={() => setBroken(!isBroken)}>
        {isBroken ? "Mend it" : "Break it"}
      </button>
      <ViewBoundary session={session}>
        <SessionScreen
          told={told}
          platform="ios-safari"
          backendHost={session.address.host}
          pageOrigin={PAGE_ORIGIN}
        />
        {isBroken && <Broken />}
      </ViewBoundary>
    </>
  );
}

/** A part of the page that fails takes the view with it, not the session: Stop stays. */
const meta = {
  title: "Screens/Broken page (ViewBoundary)",
  component: LivePage,
  parameters: { pictures: [] },
} satisfies Meta<typeof LivePage>;
export default meta;
type Story = StoryObj<typeof meta>;

export const BreaksWhileLive: Story = {
  play: async ({ canvas }) => {
    // The rest of the page comes after the first screen.
    await canvas.findByRole("button", { name: "Stop streaming" }, { timeout: 10_000 });
    await userEvent.click(canvas.getByRole("button", { name: "Break it" }));
    await expect(canvas.getByRole("alert")).toHaveTextContent("Streaming goes on.");
    await expect(canvas.getByRole("button", { name: "Stop streaming" })).toBeVisible();

    // As long as it fails, nothing else is shown: the way to Stop included.
    await userEvent.click(canvas.getByRole("button", { name: "Show the page again" }));
    await userEvent.click(await canvas.findByRole("button", { name: "Stop streaming" }));
    await expect(canvas.getByRole("alert")).toHaveTextContent("Nothing is recorded any more.");

    await userEvent.click(canvas.getByRole("button", { name: "Mend it" }));
    await userEvent.click(canvas.getByRole("button", { name: "Show the page again" }));
    await expect(await canvas.findByRole("button", { name: "Finishing upload" })).toBeVisible();
  },
};
