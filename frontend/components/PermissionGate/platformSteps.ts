import type { Platform } from "twincast";

type Steps = { steps: readonly string[]; note: string | null };

/** Where the browser shows its question. */
export function promptPlace(platform: Platform): string {
  switch (platform) {
    case "ios-safari":
    case "ios-chrome":
    case "ios-other":
      return "in the middle of the screen";
    case "android-chrome":
    case "android-samsung":
    case "android-other":
      return "over this page";
    case "android-firefox":
      return "at the bottom of the screen";
    case "desktop-chrome":
    case "desktop-firefox":
      return "near the left end of the address bar";
    case "desktop-safari":
      return "over this page";
    case "desktop-other":
      return "near the address bar";
  }
}

/** How to take back a refusal of this page. */
export function deniedSteps(platform: Platform): Steps {
  switch (platform) {
    case "ios-safari":
      return {
        steps: [
          "Tap the page menu beside the address, then Website Settings (on newer iPhones behind ···).",
          "Set Camera and Microphone to Allow.",
          "Come back here and try again.",
        ],
        note: "Still off? Open the Settings app › Apps › Safari › Camera, Microphone, and choose Ask or Allow.",
      };
    case "ios-chrome":
      return iosBrowser("Chrome");
    case "ios-other":
      return iosBrowser("your browser");
    case "android-chrome":
      return {
        steps: [
          "Tap the icon left of the address, then Permissions.",
          "Switch on Camera and Microphone.",
          "Come back here and try again.",
        ],
        note: "Not listed there? Open the phone's Settings › Apps › Chrome › Permissions.",
      };
    case "android-samsung":
      return {
        steps: [
          "Tap the lock left of the address, then Permissions.",
          "Switch on Camera and Microphone.",
          "Come back here and try again.",
        ],
        note: "Not listed there? Open the phone's Settings › Apps › Samsung Internet › Permissions.",
      };
    case "android-firefox":
      return {
        steps: [
          "Tap the lock left of the address.",
          "Tap Camera and Microphone until they say Allowed.",
          "Come back here and try again.",
        ],
        note: "Not listed there? Open the phone's Settings › Apps › Firefox › Permissions.",
      };
    case "android-other":
      return {
        steps: [
          "Tap the icon beside the address and look for permissions.",
          "Allow Camera and Microphone.",
          "Come back here and try again.",
        ],
        note: "Not listed there? Open the phone's Settings › Apps › your browser › Permissions.",
      };
    case "desktop-chrome":
      return {
        steps: [
          "Click the icon left of the address.",
          "Switch on Camera and Microphone.",
          "Come back here and try again. Reload the page if your browser asks you to.",
        ],
        note: null,
      };
    case "desktop-safari":
      return {
        steps: [
          "In the menu bar choose Safari › Settings for This Website.",
          "Set Camera and Microphone to Allow.",
          "Come back here and try again.",
        ],
        note: null,
      };
    case "desktop-firefox":
      return {
        steps: [
          "Click the crossed-out camera or microphone left of the address.",
          "Remove Blocked beside Camera and Microphone.",
          "Come back here and try again.",
        ],
        note: null,
      };
    case "desktop-other":
      return {
        steps: [
          "Open this page's permissions: most browsers keep them behind the icon left of the address.",
          "Allow Camera and Microphone.",
          "Come back here and try again.",
        ],
        note: null,
      };
  }
}

/** How to take back a refusal of the whole browser by the operating system. */
export function blockedSteps(platform: Platform): Steps {
  switch (platform) {
    case "ios-safari":
      return {
        steps: [
          "Open the Settings app › Apps › Safari.",
          "Under Camera and under Microphone choose Ask or Allow.",
          "Come back here and try again.",
        ],
        note: "On a managed phone look in Settings › Screen Time › Content & Privacy Restrictions too.",
      };
    case "ios-chrome":
      return iosBrowser("Chrome");
    case "ios-other":
      return iosBrowser("your browser");
    case "android-chrome":
      return androidBrowser("Chrome");
    case "android-samsung":
      return androidBrowser("Samsung Internet");
    case "android-firefox":
      return androidBrowser("Firefox");
    case "android-other":
      return androidBrowser("your browser");
    case "desktop-chrome":
    case "desktop-safari":
    case "desktop-firefox":
    case "desktop-other":
      return {
        steps: [
          "Mac: System Settings › Privacy & Security › Camera, then Microphone. Switch on your browser.",
          "Windows: Settings › Privacy & security › Camera, then Microphone. Let desktop apps use them.",
          "Restart the browser if it asks you to, and try again.",
        ],
        note: "Some laptops have a key or a slider that switches the camera off.",
      };
  }
}

/** Where a page has no camera to hope for, and how to reach a browser that has. */
export function openElsewhere(platform: Platform): Steps & { title: string } {
  switch (platform) {
    case "ios-safari":
    case "ios-chrome":
    case "ios-other":
      return {
        title: "Open this page in Safari",
        steps: ["Tap ··· or the share button of this app.", "Choose Open in Safari or Open in browser."],
        note: "No such entry? Copy the link and paste it into Safari.",
      };
    case "android-chrome":
    case "android-samsung":
    case "android-firefox":
    case "android-other":
      return {
        title: "Open this page in Chrome",
        steps: ["Tap the three dots in the corner of this app.", "Choose Open in Chrome or Open in browser."],
        note: "No such entry? Copy the link and paste it into Chrome.",
      };
    case "desktop-chrome":
    case "desktop-safari":
    case "desktop-firefox":
    case "desktop-other":
      return {
        title: "Open this page in your browser",
        steps: ["Copy the link.", "Paste it into the address bar of Chrome, Edge, Firefox or Safari."],
        note: null,
      };
  }
}

function iosBrowser(name: string): Steps {
  return {
    steps: [
      `Open the Settings app › Apps › ${name}.`,
      "Switch on Camera and Microphone.",
      "Come back here and try again.",
    ],
    note: "No such switches? The browser has not asked yet: try again first.",
  };
}

function androidBrowser(name: string): Steps {
  return {
    steps: [
      `Open the phone's Settings › Apps › ${name} › Permissions.`,
      "Allow Camera and Microphone.",
      "Come back here and try again.",
    ],
    note: "Also swipe down from the top: Camera access and Mic access must be on in Quick Settings.",
  };
}
