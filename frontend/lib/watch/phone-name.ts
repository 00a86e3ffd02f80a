/** What kind of device it is, where it says so, and enough of its id to tell it from another one. */
export function phoneName(watchId: string, userAgent: string | null): string {
  const [device = "Phone"] = /iPhone|iPad|Android|Macintosh|Windows|Linux/.exec(userAgent ?? "") ?? [];
  return `${device} ${watchId.slice(0, 4)}`;
}
