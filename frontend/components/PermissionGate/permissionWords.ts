import type { Device, PermissionState, Platform } from "twincast";
import { blockedSteps, deniedSteps, openElsewhere, promptPlace } from "./platformSteps";

/** What a button of the gate does. `busy` is no button: the answer is the browser's to take. */
export type GateAction =
  /** `without`: the device that the person goes on without. */
  { kind: "ask"; label: string; without?: Device } | { kind: "copy-link"; label: string };

export type GateWords = {
  title: string;
  lead: string;
  /** In this order. Empty where there is nothing to do but press the button. */
  steps: readonly string[];
  /** What else may help, in one sentence. */
  note: string | null;
  /** For whoever is asked for help. */
  technical: string | null;
  /** The first one is the way out; the others are ways around. */
  actions: readonly GateAction[];
  busy: boolean;
};

const EMPTY = { steps: [], note: null, technical: null, busy: false } as const;
const TRY_AGAIN = { kind: "ask", label: "Try again" } as const;
const COPY_LINK = { kind: "copy-link", label: "Copy link" } as const;

/** Where the media goes, and where this page is. */
type Where = { readonly host: string; readonly pageOrigin: string };

/** What to say and offer in each state. Sentences for a person on this very platform, not for any. */
export function permissionWords(
  state: PermissionState,
  platform: Platform,
  { host, pageOrigin }: Where,
): GateWords {
  switch (state.kind) {
    case "before-asking":
      return {
        ...EMPTY,
        title: "Your camera and microphone, live",
        lead: `Twincast sends what they pick up to ${host}. Nothing leaves ${device(platform)} before you press Start.`,
        note: "Your browser asks next. Choose Allow.",
        actions: [{ kind: "ask", label: "Allow camera and microphone" }],
      };
    case "asking":
      return {
        ...EMPTY,
        title: "Choose Allow",
        lead: `Your browser asks for the camera and the microphone ${promptPlace(platform)}.`,
        actions: [],
        busy: true,
      };
    case "unanswered":
      return {
        ...EMPTY,
        title: "Your browser waits for an answer",
        lead: `Look for its question ${promptPlace(platform)}, and choose Allow.`,
        note: "No question to be seen? Ask again, or reload the page.",
        actions: [{ kind: "ask", label: "Ask again" }],
      };
    case "dismissed":
      return {
        ...EMPTY,
        title: "The question was closed",
        lead: "No harm done. Try again, and choose Allow when your browser asks.",
        actions: [TRY_AGAIN],
      };
    case "denied":
      return {
        ...EMPTY,
        ...deniedSteps(platform),
        ...refused(state.device),
      };
    case "blocked-by-system":
      return {
        ...EMPTY,
        ...blockedSteps(platform),
        title: `${isPhone(platform) ? "Your phone" : "Your computer"} blocks the camera or microphone`,
        lead: "This page may use them, but your browser may not. You can change that:",
        actions: [TRY_AGAIN],
      };
    case "blocked-by-frame":
      return framed(state.device);
    case "no-device":
      return noDevice(state.missing, platform);
    case "in-use":
      return inUse(state.device, platform);
    case "insecure-address":
      return insecure(pageOrigin);
    case "insecure-frame":
      return {
        ...EMPTY,
        title: "The page around this one is not secure",
        lead: "Browsers give the camera and the microphone to a frame only where every page around it begins with https:// as well. Open Twincast by its own address:",
        note: "Whoever runs the other page can serve it over https.",
        technical: pageOrigin,
        actions: [COPY_LINK],
      };
    case "unsupported-browser":
      return {
        ...EMPTY,
        title: "This browser cannot stream",
        lead: newerBrowser(platform),
        technical: `Missing: ${state.missing}`,
        actions: [COPY_LINK],
      };
    case "in-app-browser":
      return {
        ...EMPTY,
        ...openElsewhere(platform),
        lead: `${capital(state.appName)} shows pages in a window of its own, which has no camera and microphone to give.`,
        actions: [COPY_LINK, { kind: "ask", label: "Try here anyway" }],
      };
    case "failed":
      return {
        ...EMPTY,
        title: "Camera and microphone did not start",
        lead: "Your browser gave a reason that Twincast has no advice for. Try again; if it stays so, restart the browser.",
        technical: `${state.name}: ${state.message}`,
        actions: [TRY_AGAIN],
      };
  }
}

function framed(device: Device | "both"): GateWords {
  const what = device === "both" ? "camera and microphone" : device;
  const allow = device === "both" ? "camera; microphone" : device;
  return {
    ...EMPTY,
    title: `The page around this one holds back the ${what}`,
    lead: "Twincast stands in a frame of another page, and can open nothing that the frame does not pass on. Open Twincast by its own address:",
    note: `Whoever runs the other page can add allow="${allow}" to the frame.`,
    technical: `Missing in the iframe: allow="${allow}"`,
    actions: [COPY_LINK],
  };
}

function refused(device: Device | "both"): Pick<GateWords, "title" | "lead" | "actions"> {
  if (device === "both") {
    return {
      title: "Camera and microphone are off for this page",
      lead: "They were refused, and your browser will not ask again by itself. You can change that:",
      actions: [TRY_AGAIN],
    };
  }
  const other = device === "camera" ? "microphone" : "camera";
  return {
    title: `The ${device} is off for this page`,
    lead: "It was refused, and your browser will not ask again by itself. You can change that:",
    actions: [TRY_AGAIN, { kind: "ask", label: `Continue with the ${other} only`, without: device }],
  };
}

function insecure(pageOrigin: string): GateWords {
  return {
    ...EMPTY,
    title: "Open the secure address",
    lead: "Browsers give the camera and the microphone only to pages whose address begins with https://",
    technical: pageOrigin,
    steps: [
      "Look where Twincast was started: it shows an https:// address and a QR code of it.",
      "Open that one instead of this:",
    ],
    // Asking again could not help.
    actions: [COPY_LINK],
  };
}

function noDevice(missing: Device | "both", platform: Platform): GateWords {
  const plug = isPhone(platform)
    ? "If it has one, restart the phone: another app may hold on to it."
    : "Plug one in or switch it on, then try again.";
  const none = missing === "both" ? "neither" : `no ${missing}`;
  return {
    ...EMPTY,
    title: missing === "both" ? "No camera and no microphone found" : `No ${missing} found`,
    lead: `${capital(device(platform))} shows ${none}. ${plug}`,
    actions: [TRY_AGAIN],
  };
}

function inUse(used: Device | "both", platform: Platform): GateWords {
  const others = isPhone(platform)
    ? ["End any call, also those in other apps.", "Close other apps that use the camera or microphone."]
    : ["Leave video calls in other windows and apps.", "Close other tabs that use the camera or microphone."];
  return {
    ...EMPTY,
    title: `The ${used === "both" ? "camera or microphone" : used} is in use`,
    lead: "Another app holds on to it, and only one can have it.",
    steps: [...others, "Come back here and try again."],
    actions: [TRY_AGAIN],
  };
}

function newerBrowser(platform: Platform): string {
  switch (platform) {
    case "ios-safari":
    case "ios-chrome":
    case "ios-other":
      return "Update your iPhone or iPad to iOS 16.4 or later in Settings › General › Software Update, and open this page in Safari.";
    case "android-chrome":
    case "android-samsung":
    case "android-firefox":
    case "android-other":
      return "Open this page in a current Chrome: update it in the Play Store, then paste the link there.";
    case "desktop-safari":
      return "Update Safari, or open this page in a current Chrome, Edge or Firefox.";
    case "desktop-chrome":
    case "desktop-firefox":
    case "desktop-other":
      return "Update your browser, or open this page in a current Chrome, Edge, Firefox or Safari.";
  }
}

function device(platform: Platform): string {
  return isPhone(platform) ? "this phone" : "this computer";
}

function isPhone(platform: Platform): boolean {
  return !platform.startsWith("desktop");
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
