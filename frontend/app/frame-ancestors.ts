/** Which other pages may show this server's pages in a frame. Read at run time, by the proxy and at the start. Pure. */
import { UnusableSetting } from "twincast/server";

export const SETTING = "FRAME_ANCESTORS";

/** An origin as `frame-ancestors` takes it: https://www.w3.org/TR/CSP3/#framework-directive-source-list, and no path. */
const ORIGIN =
  /^https?:\/\/(\*\.)?(\[[\da-f:.]+\]|[\da-z]([\da-z-]*[\da-z])?(\.[\da-z]([\da-z-]*[\da-z])?)*)(:(\d{1,5}|\*))?$/;

/** Written in quotes in the header, and without them by people. */
const SELF = "self";
const ANY = "*";

/**
 * @param text origins separated by spaces or commas, such as `https://example.com https://*.example.com`; `self` is this
 *   page's own origin, and `*` alone every page
 * @returns the sources of a `frame-ancestors`, none where no page may
 * @throws {UnusableSetting}
 */
export function readFrameAncestors(text: string | undefined): readonly string[] {
  const written = unquoted((text ?? "").trim());
  const sources = written.split(/[\s,]+/).filter((source) => source !== "");
  const ancestors = sources.map((source) => readSource(source, written));
  if (ancestors.includes(ANY) && ancestors.length > 1)
    throw new UnusableSetting(
      `${SETTING} is "${written}", and * lets in every page already: leave out the others.`,
    );
  return ancestors;
}

function readSource(source: string, written: string): string {
  const lower = source.toLowerCase();
  if (lower === ANY) return ANY;
  if (unquoted(lower) === SELF) return `'${SELF}'`;
  // People copy a page's address with the slash behind it.
  const origin = lower.replace(/^(https?:\/\/[^/]+)\/$/, "$1");
  if (ORIGIN.test(origin) && URL.canParse(withoutWildcards(origin))) return origin;
  throw new UnusableSetting(
    `${SETTING} is "${written}", and ${reason(lower)}: list the pages that may frame this one by their origins, such as https://www.example.com or https://*.example.com, with spaces between them.`,
  );
}

const withoutWildcards = (origin: string) => origin.replace("*.", "").replace(/:\*$/, "");

function reason(source: string): string {
  if (/[${}]/.test(source)) return `nothing has filled in the reference "${source}"`;
  if (source === "none" || source === "'none'") return "no page may frame this one where it is empty";
  if (!/^https?:\/\//.test(source)) return `"${source}" does not begin with https://`;
  if (/^https?:\/\/[^/]+\//.test(source)) return `"${source}" has a path, which browsers do not look at`;
  return `"${source}" is no origin`;
}

/** Quotes belong to a shell or to the header, and come along where people copy. */
function unquoted(text: string): string {
  return /^(["'])([^"']*)\1$/.exec(text)?.[2] ?? text;
}

/**
 * @param ancestors as `readFrameAncestors` returns them
 * @returns headers for every answer. `X-Frame-Options` can only say nobody, so it is there for old browsers where nobody may.
 */
export function framingHeaders(ancestors: readonly string[]): Readonly<Record<string, string>> {
  if (ancestors.length === 0)
    return { "Content-Security-Policy": "frame-ancestors 'none'", "X-Frame-Options": "DENY" };
  return { "Content-Security-Policy": `frame-ancestors ${ancestors.join(" ")}` };
}
