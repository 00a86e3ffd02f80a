/** What a session lets go of, seen from its devices and its token service. */
import { expect, it } from "vitest";
import { WholeSession } from "./testing/whole-session";

async function live(tokens: WholeSession["tokens"] = "none") {
  const whole = new WholeSession();
  whole.tokens = tokens;
  await whole.session.ask();
  await whole.pass(300);
  void whole.session.start();
  await whole.pass(2_000);
  expect(whole.phase.kind).toBe("live");
  return whole;
}

it("holds nothing of a camera or microphone when another one is asked for", async () => {
  const whole = await live();
  void whole.session.devices.flip();
  await whole.pass(2_000);
  void whole.session.chooseDevice("camera", "another");
  await whole.pass(2_000);
  void whole.session.chooseDevice("microphone", "another");
  await whole.pass(2_000);
  const nothing = { tracks: 0, clones: 0 };
  expect(whole.heldWhenAsked).toEqual([nothing, nothing, nothing]);
});

it("asks for tokens while it runs, and for none after its end", async () => {
  const whole = await live("issued");
  await whole.pass(60_000);
  expect(whole.tokenRequests).toBeGreaterThan(1);
  void whole.session.stop();
  await whole.pass(3_000);
  expect(whole.phase.kind).toBe("ended");
  const { tokenRequests } = whole;
  await whole.pass(180_000);
  expect(whole.tokenRequests).toBe(tokenRequests);
});
