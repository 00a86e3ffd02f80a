import { describe, expect, it } from "vitest";
import type { Platform } from "../../model/permission";
import { guessPlatform } from "./platform";

const WEBKIT_IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${WEBKIT_IOS}`;
const MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)`;
const PIXEL = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)";
const WEBVIEW =
  "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Mobile Safari/537.36";

describe("the guess at a browser", () => {
  const browsers: [Platform, string][] = [
    ["ios-safari", `${IPHONE} Version/18.6 Mobile/15E148 Safari/604.1`],
    [
      "ios-safari",
      `Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) ${WEBKIT_IOS} Version/17.5 Mobile/15E148 Safari/604.1`,
    ],
    ["ios-chrome", `${IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`],
    ["ios-other", `${IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`],
    ["ios-other", `${IPHONE} Version/18.0 EdgiOS/142.0.3595.66 Mobile/15E148 Safari/605.1.15`],
    ["android-chrome", `${PIXEL} Chrome/151.0.0.0 Mobile Safari/537.36`],
    ["android-samsung", `${PIXEL} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`],
    ["android-firefox", "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"],
    ["android-other", `${PIXEL} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0`],
    ["android-other", `${PIXEL} Chrome/140.0.0.0 Mobile Safari/537.36 OPR/93.0.0.0`],
    [
      "desktop-chrome",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/151.0.0.0 Safari/537.36",
    ],
    [
      "desktop-chrome",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36",
    ],
    [
      "desktop-other",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/151.0.0.0 Safari/537.36 Edg/151.0.0.0",
    ],
    ["desktop-safari", `${MAC} ${WEBKIT_IOS} Version/26.0 Safari/605.1.15`],
    [
      "desktop-firefox",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
    ],
    ["desktop-other", `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT_IOS} Version/26.0 Safari/605.1.15`],
  ];

  it.each(browsers)("is %s for %s", (platform, userAgent) => {
    expect(guessPlatform({ userAgent, maxTouchPoints: 0 })).toEqual({ platform });
  });

  it("takes a Mac with a touch screen for the iPad that it is", () => {
    const userAgent = `${MAC} ${WEBKIT_IOS} Version/18.6 Safari/605.1.15`;
    expect(guessPlatform({ userAgent, maxTouchPoints: 5 })).toEqual({ platform: "ios-safari" });
  });
});

describe("the hint at an app's built-in browser", () => {
  const apps: [string, Platform, string][] = [
    [
      "Instagram",
      "ios-other",
      `${IPHONE} Mobile/22G86 Instagram 400.0.0.33.68 (iPhone15,4; iOS 18_6; en_US; en; scale=3.00; 1179x2556; 780000000)`,
    ],
    [
      "Instagram",
      "android-other",
      `${WEBVIEW} Instagram 345.0.0.48.95 Android (34/14; 420dpi; 1080x2209; Google/google; Pixel 8)`,
    ],
    [
      "Facebook",
      "ios-other",
      `${IPHONE} Mobile/22G86 [FBAN/FBIOS;FBAV/530.0.0.41.72;FBBV/800000000;FBDV/iPhone15,4;FBMD/iPhone]`,
    ],
    ["Facebook", "android-other", `${WEBVIEW} [FB_IAB/FB4A;FBAV/480.0.0.54.88;]`],
    ["Messenger", "ios-other", `${IPHONE} Mobile/22G86 [FBAN/MessengerForiOS;FBAV/470.0.0.30.107]`],
    [
      "WeChat",
      "ios-other",
      `${IPHONE} Mobile/22G86 MicroMessenger/8.0.50(0x18003230) NetType/WIFI Language/en`,
    ],
    ["LINE", "ios-other", `${IPHONE} Mobile/22G86 Safari Line/15.10.0`],
    [
      "TikTok",
      "ios-other",
      `${IPHONE} Mobile/22G86 musical_ly_38.5.0 JsSdk/2.0 NetType/WIFI BytedanceWebview/d8a21c6`,
    ],
    ["X", "ios-other", `${IPHONE} Mobile/22G86 Twitter for iPhone/10.60`],
    ["the Google app", "ios-other", `${IPHONE} GSA/345.0.682391861 Mobile/15E148 Safari/604.1`],
    ["this app", "android-other", WEBVIEW],
    ["this app", "ios-other", `${IPHONE} Mobile/22G86`],
  ];

  it.each(apps)("names %s on %s", (inAppName, platform, userAgent) => {
    expect(guessPlatform({ userAgent })).toEqual({ platform, inAppName });
  });
});
