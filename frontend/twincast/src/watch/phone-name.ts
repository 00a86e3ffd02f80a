/** From the most telling to the least: an Android says that it is a Linux as well. */
const DEVICES = ["iPhone", "iPad", "Android", "Macintosh", "Windows", "Linux"] as const;

/** What kind of device it is, where it says so, and enough of its id to tell it from another one. */
export function phoneName(watchId: string, userAgent: string | null): string {
  const device = DEVICES.find((name) => userAgent?.includes(name)) ?? "Phone";
  return `${device} ${watchId.slice(0, 4)}`;
}
