import { type PermissionState, PLATFORMS, type Platform } from "twincast";
import { describe, expect, it } from "vitest";
import { permissionWords } from "./permissionWords";

const STATES: PermissionState[] = [
  { kind: "before-asking" },
  { kind: "asking" },
  { kind: "unanswered" },
  { kind: "dismissed" },
  { kind: "denied", device: "both" },
  { kind: "blocked-by-system", device: "both" },
  { kind: "blocked-by-frame", device: "both" },
  { kind: "blocked-by-frame", device: "microphone" },
  { kind: "no-device", missing: "camera" },
  { kind: "no-device", missing: "microphone" },
  { kind: "no-device", missing: "both" },
  { kind: "in-use", device: "camera" },
  { kind: "in-use", device: "microphone" },
  { kind: "in-use", device: "both" },
  { kind: "insecure-address" },
  { kind: "insecure-frame" },
  { kind: "unsupported-browser", missing: "MediaRecorder" },
  { kind: "in-app-browser", appName: "Instagram" },
  { kind: "in-app-browser", appName: "this app" },
  { kind: "failed", name: "AbortError", message: "Starting videoinput failed" },
];
const HOST = "twincast.example.com";
const WHERE = { host: HOST, pageOrigin: "http://192.168.1.20:3000" };

const everyCase = STATES.flatMap((state) => PLATFORMS.map((platform) => ({ state, platform })));
const all = ({ state, platform }: { state: PermissionState; platform: Platform }) => {
  const words = permissionWords(state, platform, WHERE);
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
      const words = permissionWords(state, platform, WHERE);
      if (state.kind === "asking") expect(words.busy).toBe(true);
      else expect(words.actions.length, `${state.kind} on ${platform}`).toBeGreaterThan(0);
    }
  });

  it("says before asking where the media goes, and when", () => {
    for (const platform of PLATFORMS) {
      expect(permissionWords({ kind: "before-asking" }, platform, WHERE).lead).toContain(HOST);
      expect(permissionWords({ kind: "before-asking" }, platform, WHERE).lead).toContain(
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
      PLATFORMS.map((platform) =>
        permissionWords({ kind: "denied", device: "both" }, platform, WHERE).steps.join(),
      ),
    );
    // Samsung's differs from Chrome's in one word, and that one is on the screen
    expect(ways.size).toBe(PLATFORMS.length);
    for (const platform of PLATFORMS)
      expect(
        permissionWords({ kind: "denied", device: "both" }, platform, WHERE).steps.length,
      ).toBeGreaterThanOrEqual(3);
  });

  it("names the device that is missing or in use", () => {
    const titles = (["camera", "microphone", "both"] as const).flatMap((device) => [
      permissionWords({ kind: "no-device", missing: device }, "android-chrome", WHERE).title,
      permissionWords({ kind: "in-use", device }, "android-chrome", WHERE).title,
    ]);
    expect(titles).toEqual([
      "No camera found",
      "The camera is in use",
      "No microphone found",
      "The microphone is in use",
      "No camera and no microphone found",
      "The camera or microphone is in use",
    ]);
  });

  it("shows the address that is not secure", () => {
    expect(permissionWords({ kind: "insecure-address" }, "ios-safari", WHERE).technical).toBe(
      WHERE.pageOrigin,
    );
  });

  it("offers nothing that cannot help", () => {
    for (const state of [
      { kind: "insecure-address" },
      { kind: "insecure-frame" },
      { kind: "unsupported-browser", missing: "getUserMedia" },
    ] as const) {
      const { actions } = permissionWords(state, "ios-safari", WHERE);
      expect(actions.map(({ kind }) => kind)).toEqual(["copy-link"]);
    }
  });

  it("names what the frame around the page does not pass on", () => {
    for (const [device, allow] of [
      ["both", 'allow="camera; microphone"'],
      ["microphone", 'allow="microphone"'],
    ] as const) {
      const { note, actions } = permissionWords(
        { kind: "blocked-by-frame", device },
        "desktop-chrome",
        WHERE,
      );
      expect(note).toContain(allow);
      expect(actions.map(({ kind }) => kind)).toEqual(["copy-link"]);
    }
  });

  it("names the app whose window has no camera", () => {
    const words = permissionWords({ kind: "in-app-browser", appName: "Instagram" }, "ios-other", WHERE);
    expect(words.lead).toContain("Instagram");
    expect(words.title).toContain("Safari");
  });

  it("keeps the browser's own words for whoever is asked for help", () => {
    const words = permissionWords(
      { kind: "failed", name: "AbortError", message: "no luck" },
      "ios-safari",
      WHERE,
    );
    expect(words.technical).toBe("AbortError: no luck");
  });
});
