/** Numbers as people read them. A space, that never breaks, stands between a figure and its unit. */

const NBSP = "\u00a0";

/** @param ms a delay. `85 ms`, `1.2 s`, `14 s`. */
export function formatDelay(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  return whole < 1000 ? `${whole}${NBSP}ms` : formatSeconds(whole);
}

/** @param ms a span of media. `0.4 s`, `8.5 s`, `42 s`, `3 min 5 s`. */
export function formatSeconds(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${trimZero(seconds.toFixed(1))}${NBSP}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${NBSP}s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)}${NBSP}min${rest ? ` ${rest}${NBSP}s` : ""}`;
}

/** @param ms elapsed time. `00:07`, `12:40`, `1:02:09`. */
export function formatClock(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

/** The same for a screen reader, which would read `12:40` as a time of day. `12 minutes 40 seconds`. */
export function spellDuration(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.length ? said.join(" ") : "0 seconds";
}

/** @param bytes in decimal units, as networks count. `512 B`, `8.4 KB`, `640 KB`, `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.max(0, Math.round(bytes))}${NBSP}B`;
  if (bytes < 999_500) return `${threeDigits(bytes / 1e3)}${NBSP}KB`;
  if (bytes < 999_500_000) return `${threeDigits(bytes / 1e6)}${NBSP}MB`;
  return `${threeDigits(bytes / 1e9)}${NBSP}GB`;
}

/** @param kBps kilobytes (1000 bytes) a second. `0 KB/s`, `6.2 KB/s`, `184 KB/s`. */
export function formatRate(kBps: number): string {
  return `${threeDigits(Math.max(0, kBps))}${NBSP}KB/s`;
}

/** @returns 0 to 100, and never 100 before everything is done. */
export function formatPercent(done: number, total: number): string {
  if (total <= 0 || done >= total) return `100${NBSP}%`;
  return `${Math.min(99, Math.floor((100 * Math.max(0, done)) / total))}${NBSP}%`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")}${NBSP}${count === 1 ? one : many}`;
}

function threeDigits(value: number): string {
  return value < 9.95 ? trimZero(value.toFixed(1)) : Math.round(value).toLocaleString("en");
}

function trimZero(figure: string): string {
  return figure.replace(/\.0$/, "");
}
