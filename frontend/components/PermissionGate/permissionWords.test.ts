import { describe, expect, it } from "vitest";
import { permissionWords } from "./permissionWords";
import type { PermissionState, Platform } from "./types";

const PLATFORMS: Platform[] = [
  "ios-safari",
  "ios-chrome",
  "ios-other",
  "android-chrome",
  "android-samsung",
  "android-firefox",
  "android-other",
  "desktop-chrome",
  "desktop-safari",
  "desktop-firefox",
  "desktop-other",
];
const STATES: PermissionState[] = [
  { kind: "before-asking" },
  { kind: "asking" },
  { kind: "unanswered" },
  { kind: "dismissed" },
  { kind: "denied" },
  { kind: "blocked-by-system" },
  { kind: "no-device", missing: "camera" },
  { kind: "no-device", missing: "microphone" },
  { kind: "no-device", missing: "both" },
  { kind: "in-use", device: "camera" },
  { kind: "in-use", device: "microphone" },
  { kind: "in-use", device: "unknown" },
  { kind: "insecure-address", address: "https://192.168.1.20:3443/" },
  { kind: "unsupported-browser", missing: "MediaRecorder" },
  { kind: "in-app-browser", appName: "Instagram" },
  { kind: "in-app-browser", appName: null },
  { kind: "failed", name: "AbortError", message: "Starting videoinput failed" },
];
const HOST = "twincast.example.com";

const everyCase = STATES.flatMap((state) => PLATFORMS.map((platform) => ({ state, platform })));
const all = ({ state, platform }: { state: PermissionState; platform: Platform }) => {
  const words = permissionWords(state, platform, HOST);
  return [
    words.title,
    words.lead,
    ...words.steps,
    words.note ?? "",
    ...words.actions.map((a) => a.label),
  ].join(" ");
};

describe("what the permission gate says", () => {
  it("always offers a way out, except while the browser asks", () => {
    for (const { state, platform } of everyCase) {
      const words = permissionWords(state, platform, HOST);
      if (state.kind === "asking") expect(words.busy).toBe(true);
      else expect(words.actions.length, `${state.kind} on ${platform}`).toBeGreaterThan(0);
    }
  });

  it("says before asking where the media goes, and when", () => {
    for (const platform of PLATFORMS) {
      expect(permissionWords({ kind: "before-asking" }, platform, HOST).lead).toContain(HOST);
      expect(permissionWords({ kind: "before-asking" }, platform, HOST).lead).toContain(
        "before you press Start",
      );
    }
  });

  it("never sends a person to the settings of another platform", () => {
    for (const one of everyCase) {
      const text = all(one);
      if (one.platform.startsWith("ios"))
        expect(text).not.toMatch(/Android|Play Store|Quick Settings|Click|computer/);
      if (one.platform.startsWith("android"))
        expect(text).not.toMatch(/Safari|iPhone|Website Settings|Click|computer/);
      if (one.platform.startsWith("desktop")) expect(text).not.toMatch(/\btap\b|this phone|your phone/i);
    }
  });

  it("tells each browser's own way to undo a refusal", () => {
    const ways = new Set(
      PLATFORMS.map((platform) => permissionWords({ kind: "denied" }, platform, HOST).steps.join()),
    );
    // Samsung's differs from Chrome's in one word, and that one is on the screen
    expect(ways.size).toBe(PLATFORMS.length);
    for (const platform of PLATFORMS)
      expect(permissionWords({ kind: "denied" }, platform, HOST).steps.length).toBeGreaterThanOrEqual(3);
  });

  it("offers the device that is there when the other is missing", () => {
    const words = permissionWords({ kind: "no-device", missing: "camera" }, "android-chrome", HOST);
    expect(words.actions).toContainEqual({
      kind: "continue-with",
      device: "microphone",
      label: "Continue with microphone only",
    });
    const none = permissionWords({ kind: "no-device", missing: "both" }, "android-chrome", HOST);
    expect(none.actions.every((action) => action.kind !== "continue-with")).toBe(true);
  });

  it("names the app whose window has no camera", () => {
    const words = permissionWords({ kind: "in-app-browser", appName: "Instagram" }, "ios-other", HOST);
    expect(words.lead).toContain("Instagram");
    expect(words.title).toContain("Safari");
  });

  it("keeps the browser's own words for whoever is asked for help", () => {
    const words = permissionWords(
      { kind: "failed", name: "AbortError", message: "no luck" },
      "ios-safari",
      HOST,
    );
    expect(words.technical).toBe("AbortError: no luck");
  });
});
