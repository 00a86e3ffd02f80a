/**
 * A guess at the platform, for what a person is told ("tap aA, then Website Settings"): the words, and which of the
 * explanations of a failure is shown. No device is asked for and nothing is encoded by it: user agents lie, and what an engine can do is found by trying. Pure.
 */

import type { Platform } from "../../model/permission";

/** What a `Navigator` says about itself. */
export interface NavigatorHints {
  /** `navigator.userAgent`; on a server, the header `User-Agent`. */
  readonly userAgent: string;
  /** Tells an iPad from a Mac: iPadOS sends the user agent of macOS. */
  readonly maxTouchPoints?: number;
}

/** Whose browser it is, as far as it tells. */
export interface PlatformGuess {
  /** System and browser; `…-other` where the browser is none of those with a name. */
  readonly platform: Platform;
  /** Present when the page seems to be open inside another app: that app's name, or "this app". */
  readonly inAppName?: string;
}

/** The marks that apps leave in the user agent of their built-in browsers. The first that matches names the app. */
const IN_APP_MARKS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bInstagram\b/, "Instagram"],
  [/\bMessenger(?:ForiOS|LiteForiOS)|\bOrca-Android|FB_IAB\/MESSENGER/, "Messenger"],
  [/\bFBA[NV]\/|\bFB_IAB\//, "Facebook"],
  [/\bMicroMessenger\//, "WeChat"],
  [/\bLine\/\d/, "LINE"],
  [/\bKAKAOTALK\b/, "KakaoTalk"],
  [/\bmusical_ly|\btrill_|\bBytedanceWebview\//, "TikTok"],
  [/\bTwitter for (?:iPhone|iPad)|\bTwitterAndroid\b/, "X"],
  [/\bSnapchat\//, "Snapchat"],
  [/\bLinkedInApp\b/, "LinkedIn"],
  [/\bPinterest\/|\[Pinterest/, "Pinterest"],
  [/\bTelegram-Android\/|\bTelegram \d/, "Telegram"],
  [/\bGSA\//, "the Google app"],
];

/** Guesses whose browser it is. @returns the platform and, when there is a sign of one, the app that the page is open in. */
export function guessPlatform({ userAgent, maxTouchPoints = 0 }: NavigatorHints): PlatformGuess {
  const platform = platformOf(userAgent, maxTouchPoints);
  const inAppName = inAppNameOf(userAgent, platform);
  return inAppName === undefined ? { platform } : { platform, inAppName };
}

function platformOf(userAgent: string, maxTouchPoints: number): Platform {
  const isIos =
    /\b(?:iPhone|iPad|iPod)\b/.test(userAgent) || (/\bMacintosh\b/.test(userAgent) && maxTouchPoints > 1);
  if (isIos) {
    if (/\bCriOS\//.test(userAgent)) return "ios-chrome";
    const isOther = /\b(?:FxiOS|EdgiOS|OPiOS|OPT|DuckDuckGo|Ddg|YaBrowser|Brave|GSA)\//.test(userAgent);
    return isOther || !/\bVersion\/.*\bSafari\//.test(userAgent) ? "ios-other" : "ios-safari";
  }
  const isOtherChromium =
    /\b(?:EdgA?|OPR|OPX|YaBrowser|Vivaldi|UCBrowser|MiuiBrowser|HuaweiBrowser|DuckDuckGo|Ddg)\//;
  if (/\bAndroid\b/.test(userAgent)) {
    if (/\bSamsungBrowser\//.test(userAgent)) return "android-samsung";
    if (/\bFirefox\//.test(userAgent)) return "android-firefox";
    const isWebView = /; wv\)/.test(userAgent) || /\bVersion\/4\.0 Chrome\//.test(userAgent);
    const isChrome = /\bChrome\//.test(userAgent) && !isOtherChromium.test(userAgent) && !isWebView;
    return isChrome ? "android-chrome" : "android-other";
  }
  if (/\bFirefox\//.test(userAgent)) return "desktop-firefox";
  if (/\b(?:Headless)?Chrome\//.test(userAgent)) {
    return isOtherChromium.test(userAgent) ? "desktop-other" : "desktop-chrome";
  }
  return /\bMacintosh\b.*\bVersion\/.*\bSafari\//.test(userAgent) ? "desktop-safari" : "desktop-other";
}

function inAppNameOf(userAgent: string, platform: Platform): string | undefined {
  const named = IN_APP_MARKS.find(([mark]) => mark.test(userAgent));
  if (named) return named[1];
  if (/\bAndroid\b.*; wv\)/.test(userAgent)) return "this app";
  // An iOS browser says Safari/ at the end, as Apple's does; a bare WKWebView does not.
  if (platform === "ios-other" && /\bAppleWebKit\//.test(userAgent) && !/\bSafari\//.test(userAgent))
    return "this app";
  return undefined;
}
