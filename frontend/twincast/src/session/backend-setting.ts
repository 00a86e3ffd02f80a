/** The backend's address as people write it into the settings of the page's server. Pure. */

/** A setting that cannot be one; its message is a sentence for whoever runs the server. */
export class UnusableSetting extends TypeError {
  /** For logs. */
  override readonly name = "UnusableSetting";
  /** For programs. */
  readonly code = "unusable-setting";
}

/**
 * Reads a backend's address as people write it.
 *
 * @param name of the variable, for the sentence
 * @param text what it says: an address that begins with `https://` or `http://`, or with `wss://` or `ws://` for whoever was
 *   told of WebSockets; nothing for the page's own origin
 * @returns an http(s) address, or ""
 * @throws {UnusableSetting}
 */
export function readBackendSetting(name: string, text: string | undefined): string {
  const written = unquoted(text?.trim() ?? "");
  if (written === "") return "";
  const address = written.replace(/^ws(?=s?:\/\/)/i, "http");
  const isReference = /[${}]/.test(address);
  if (/^https?:\/\//i.test(address) && URL.canParse(address) && !isReference) return address;
  const reason = isReference
    ? "nothing has filled in the reference in it"
    : /^https?:\/*$/i.test(address)
      ? "there is nothing after it (on Railway: the service that it refers to has no domain yet, or another name)"
      : "it must begin with https://";
  throw new UnusableSetting(
    `${name} is "${written}", and ${reason}: set it to the backend's address, such as https://backend.example.com.`,
  );
}

/** Quotes belong to a shell, and come along where no shell reads the file. */
function unquoted(text: string): string {
  return (/^(["'])(.*)\1$/.exec(text)?.[2] ?? text).trim();
}
