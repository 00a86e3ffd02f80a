/** Addresses that browsers take for secure: https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy */

/** @returns whether an address leads to the device that the browser runs on: secure whatever its scheme. */
export function isThisDevice(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** @param address such as `location` */
export function isSecureAddress({
  protocol,
  hostname,
}: {
  readonly protocol: string;
  readonly hostname: string;
}): boolean {
  return protocol === "https:" || isThisDevice(hostname);
}
