/** Copies this page's address. @returns whether that worked. */
export async function copyLink(): Promise<boolean> {
  try {
    // Absent on insecure addresses and in many in-app browsers, which is where this is needed.
    await navigator.clipboard.writeText(location.href);
    return true;
  } catch {
    return copySelection(location.href);
  }
}

function copySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  try {
    // Deprecated, and the only way without the Clipboard API.
    return document.execCommand("copy");
  } finally {
    field.remove();
  }
}
