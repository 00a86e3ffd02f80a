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

it("holds the session for as long as it runs, so that no other page takes it for one that was cut off", async () => {
  const whole = await live();
  expect(whole.held.size).toBe(1);
  void whole.session.stop();
  await whole.pass(3_000);
  expect(whole.phase.kind).toBe("ended");
  expect(whole.held.size).toBe(0);
  whole.session.again();
  void whole.session.start();
  await whole.pass(2_000);
  expect(whole.held.size).toBe(1);
  whole.session.close();
  expect(whole.held.size).toBe(0);
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

it("tells one figure of what is discarded: what the screen said was kept, bytes of media", async () => {
  const whole = await live();
  whole.setState("black-hole");
  await whole.pass(2_000);
  void whole.session.stop();
  await whole.pass(2_000);
  const kept = [whole.session.video, whole.session.audio].map(({ keptBytes }) => keptBytes.get());
  // Twenty chunks and some, of 500 bytes each.
  for (const bytes of kept) {
    expect(bytes).toBeGreaterThanOrEqual(20 * 500);
    expect(bytes % 500).toBe(0);
  }
  const told = () =>
    [whole.session.video, whole.session.audio].map(({ status }) => {
      const end = status.get();
      return end.kind === "discarded" ? end.leftBytes : null;
    });
  whole.session.discard();
  expect(told()).toEqual(kept);
  await whole.pass(1_500);
  expect(told()).toEqual(kept);
});

it("goes on by the recorder with a microphone that Web Audio refuses", async () => {
  const whole = new WholeSession({}, undefined, "first");
  await whole.session.ask();
  await whole.pass(300);
  void whole.session.start();
  await whole.pass(2_000);
  const encoders = () => whole.outside?.backends.audio.segments.map(({ encoder }) => encoder?.name);
  expect(encoders()).toEqual(["webcodecs"]);
  void whole.session.chooseDevice("microphone", "headset");
  await whole.pass(3_000);
  expect(encoders()).toEqual(["webcodecs", "media-recorder"]);
  expect(whole.session.audio.status.get().kind).toBe("live");
  expect(whole.session.devices.microphone.get()).toEqual({ kind: "live" });
  expect(whole.session.devices.media.get()?.sound).toBeNull();
  const chunks = whole.session.audio.chunks.get();
  await whole.pass(2_000);
  expect(whole.session.audio.chunks.get()).toBeGreaterThan(chunks);
});
