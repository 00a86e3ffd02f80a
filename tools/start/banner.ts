import { renderUnicodeCompact } from "uqr";
import { AUTHORITY_PATH } from "./gateway.ts";

export interface BannerOptions {
  /** The address on this computer. */
  readonly here: string;
  /** Those on the local network, the likeliest first. */
  readonly phones: readonly string[];
  /** What opens the watch page elsewhere than on this computer. */
  readonly watchKey: string;
  /** Whether to draw the likeliest. */
  readonly qr: boolean;
  /** Whether the terminal shows colours. */
  readonly colour: boolean;
}

const WATCH_PATH = "/watch";

/** What the terminal says when everything is up. */
export function banner({ here, phones, watchKey, qr, colour }: BannerOptions): string {
  const [phone, ...others] = phones;
  if (!phone) {
    return [
      "",
      `  On this computer   ${here}`,
      `  To watch           ${here}${WATCH_PATH}`,
      "  On a phone         no network found: connect this computer to the phone's Wi-Fi and start again",
      "",
    ].join("\n");
  }
  return [
    "",
    `  On this computer   ${here}`,
    `  On a phone         ${phone}   (same Wi-Fi)`,
    ...(others.length > 0 ? [`                     or ${others.join(" or ")}`] : []),
    `  To watch           ${here}${WATCH_PATH}   (on this computer)`,
    // Behind the #: browsers keep that part to themselves.
    `                     ${phone}${WATCH_PATH}#key=${watchKey}   (whoever has this link)`,
    ...(qr ? ["", drawQr(phone, colour)] : []),
    "",
    "  The phone will warn about the certificate, which this computer made itself: docs/phone-on-wifi.md says what",
    `  to tap. An iPhone has to install it once: ${phone}${AUTHORITY_PATH}`,
    "",
    "  Ctrl-C ends everything. From here on, one line per chunk that the backend receives:",
    "",
  ].join("\n");
}

/** @returns a QR code of half blocks */
function drawQr(url: string, colour: boolean): string {
  const lines = renderUnicodeCompact(url, { border: 2 }).split("\n");
  // White on black whatever the terminal's colours are: many phones cannot read an inverted code.
  return lines.map((line) => (colour ? `  \x1b[38;5;231;48;5;16m${line}\x1b[0m` : `  ${line}`)).join("\n");
}
