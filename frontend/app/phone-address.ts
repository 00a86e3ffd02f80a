import { encode } from "uqr";
import type { Visit } from "@/app/visit";
import type { PhoneAddress } from "@/components/OpenOnPhone";

/** The quiet zone that scanners need, in modules. */
const BORDER = 2;

/**
 * What a computer's page shows for a phone to scan.
 *
 * @param setting the address at which phones reach this page, where it is not the one that was asked.
 * @returns null on a phone, and where no phone could use the address: cameras want HTTPS, and localhost is another one there.
 */
export function phoneAddress(
  { platform, pageOrigin }: Visit,
  setting: string | undefined,
): PhoneAddress | null {
  if (!platform.startsWith("desktop-")) return null;
  const url = setting || pageOrigin;
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" || /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
    return null;
  return { url, ...drawing(url) };
}

/** One path of all dark modules; rows of neighbours are one rectangle. */
function drawing(text: string): { path: string; size: number } {
  const { data, size } = encode(text, { border: BORDER });
  let path = "";
  data.forEach((row, y) => {
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x]) x++;
      path += `M${from} ${y}h${x - from}v1h${from - x}z`;
    }
  });
  return { path, size };
}
