import { renderUnicodeCompact } from "uqr";
import { AUTHORITY_PATH } from "./gateway.mjs";

/**
 * What the terminal says when everything is up.
 *
 * @param {{ here: string, phones: readonly string[], qr: boolean }} options `here`: the address on this computer;
 *   `phones`: those on the local network, the likeliest first; `qr`: whether to draw the likeliest
 * @returns {string}
 */
export function banner({ here, phones, qr }) {
  const [phone, ...others] = phones;
  if (!phone) {
    return [
      "",
      `  On this computer   ${here}`,
      "  On a phone         no network found: connect this computer to the phone's Wi-Fi and start again",
      "",
    ].join("\n");
  }
  return [
    "",
    `  On this computer   ${here}`,
    `  On a phone         ${phone}   (same Wi-Fi)`,
    ...(others.length > 0 ? [`                     or ${others.join(" or ")}`] : []),
    ...(qr ? ["", indent(renderUnicodeCompact(phone, { border: 2 }))] : []),
    "",
    "  The phone will warn about the certificate, which this computer made itself: docs/phone-on-wifi.md says what",
    `  to tap. An iPhone has to install it once: ${phone}${AUTHORITY_PATH}`,
    "",
    "  Ctrl-C ends everything. From here on, one line per chunk that the backend receives:",
    "",
  ].join("\n");
}

/** @param {string} text */
const indent = (text) => text.replace(/^/gm, "  ");
