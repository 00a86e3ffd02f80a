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
  /** Of the terminal, in characters. */
  readonly columns: number;
}

/** Wider than this a line of text is hard to read. */
const MAX_COLUMNS = 100;

const INDENT = "  ";

/** Between the code and what stands beside it. */
const GAP = "  ";

const WATCH_PATH = "/watch";

/** What the terminal says when everything is up: at 80 columns and more, no higher than a terminal of 24 lines. */
export function banner({ here, phones, watchKey, qr, colour, columns }: BannerOptions): string {
  const width = Math.min(columns, MAX_COLUMNS) - INDENT.length;
  const [phone] = phones;
  if (!phone) {
    const none = "no network found: connect this computer to the phone's Wi-Fi and start again";
    const watch = `To watch           ${here}${WATCH_PATH}`;
    return framed([`On this computer   ${here}`, watch, ...wrap(`On a phone         ${none}`, width)]);
  }
  // Behind the #: browsers keep that part to themselves.
  const link = [
    "",
    ...wrap("To watch from elsewhere, for whoever has this link:", width),
    `${phone}${WATCH_PATH}#key=${watchKey}`,
  ];
  if (!qr) return framed([...words(here, phones, width), ...link]);
  const code = renderUnicodeCompact(phone, { border: 2 }).split("\n");
  const codeWidth = code[0]?.length ?? 0;
  const beside = words(here, phones, width - codeWidth - GAP.length);
  const fits = beside.every((line) => line.length <= width - codeWidth - GAP.length);
  if (!fits)
    return framed([...code.map((line) => inked(line, colour)), "", ...words(here, phones, width), ...link]);
  const rows = Math.max(code.length, beside.length);
  const above = Math.floor((rows - beside.length) / 2);
  return framed([
    ...Array.from({ length: rows }, (_, row) => {
      const line = code[row];
      const drawn = line === undefined ? " ".repeat(codeWidth) : inked(line, colour);
      const text = beside[row - above];
      return text ? `${drawn}${GAP}${text}` : drawn;
    }),
    ...link,
  ]);
}

const framed = (lines: readonly string[]) =>
  ["", ...lines.map((line) => (line ? `${INDENT}${line}` : "")), ""].join("\n");

/** @returns lines of at most `width` characters, but for addresses, which are not broken. */
function words(here: string, [phone = "", ...others]: readonly string[], width: number): string[] {
  return [
    `On this computer   ${here}`,
    `On a phone         ${phone}`,
    ...others.map((other) => `                or ${other}`),
    `To watch           ${here}${WATCH_PATH}`,
    "",
    ...wrap(
      "The phone is on the same Wi-Fi. It will warn about the certificate, which this computer made itself: docs/phone-on-wifi.md says what to tap. An iPhone has to install it once:",
      width,
    ),
    `${phone}${AUTHORITY_PATH}`,
    "",
    ...wrap("q and Enter show this again. Ctrl-C ends everything.", width),
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?! )/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** White on black whatever the terminal's colours are: many phones cannot read an inverted code. */
const inked = (line: string, colour: boolean) => (colour ? `\x1b[38;5;231;48;5;16m${line}\x1b[0m` : line);
