/** The report of a run, as Markdown; the same figures go into a file as JSON. Pure. */
import type { CutKind } from "./session.ts";
import type { CutSummary, MediumSummary, PeerSummary, PointSummary } from "./summary.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly chromium: string;
  readonly node: string;
  /** Of what was measured, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface RunReport {
  readonly command: string;
  readonly startedAt: string;
  readonly machine: Machine;
  /** The machine's load before the first session and after each: what else it had to do, and the sessions themselves. */
  readonly loads: readonly number[];
  /** In words. */
  readonly method: readonly string[];
  /** How long what comes back after a cut was waited for. */
  readonly recoveryMs: number;
  readonly peers: Readonly<Record<string, PeerSummary>>;
  /** Peers, and rounds of peers, that did not run, with the reason. */
  readonly notRun: readonly { readonly name: string; readonly reason: string }[];
}

const CUT_TITLES: Readonly<Record<CutKind, string>> = {
  silence: "A cut after which the way is as it was: s",
  "new-address": "A cut after which the phone has another address: s",
};

export function markdownOf(report: RunReport): string {
  const { machine } = report;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${report.command}\`, ${report.startedAt}`,
    `${machine.cores} cores of ${machine.cpu}, Linux ${machine.kernel}, Chromium ${machine.chromium} (headless, software ` +
      `codecs), Node ${machine.node}; load ${loadsOf(report.loads)}. ` +
      `${versions.join(", ")}.`,
    report.method.join("\n"),
    "From capture to the application, ms",
    table(
      ["", "picture p50", "p95", "never came", "sound p50", "p95", "never came"],
      points(report).map(([name, { video, audio }]) => [name, ...delayCells(video), ...delayCells(audio)]),
    ),
    ...(["silence", "new-address"] as const).flatMap((kind) => [
      CUT_TITLES[kind],
      table(
        ["", "picture lost", "of it frozen", "picture back after", "sound lost", "sound back after"],
        points(report).flatMap(([name, { video, audio }]) => {
          const [picture, sound] = [video.cuts[kind], audio.cuts[kind]];
          return picture && sound ? [[name, ...cutCells(picture, sound, report.recoveryMs)]] : [];
        }),
      ),
    ]),
    "Percent of one core for one phone",
    table(
      ["", "servers", "of that", "page (all processes of the browser)"],
      Object.entries(report.peers).map(([name, { serverPercent, browserPercent }]) => [
        name,
        percentOf(Object.values(serverPercent).reduce<number>((sum, one) => sum + (one ?? 0), 0)),
        Object.entries(serverPercent)
          .map(([server, percent]) => `${server} ${percentOf(percent)}`)
          .join(", "),
        percentOf(browserPercent),
      ]),
    ),
    ...points(report).flatMap(([name, { damaged }]) =>
      damaged ? [`${name}: ${damaged} pictures of a session came damaged, after packets were lost.`] : [],
    ),
    ...Object.entries(report.peers).flatMap(([name, { accounts }]) =>
      accounts.map((account, round) => `${name}, its own account of round ${round + 1}: ${account}.`),
    ),
    ...report.notRun.map(({ name, reason }) => `Not run: ${name}. ${reason}`),
  ].join("\n\n");
}

/** A row for each place where a peer was measured. */
function points({ peers }: RunReport): [string, PointSummary][] {
  return Object.entries(peers).flatMap(([name, { bytes, decoded }]) => [
    ...(bytes ? [[`${name}, bytes`, bytes] as [string, PointSummary]] : []),
    ...(decoded ? [[`${name}, decoded`, decoded] as [string, PointSummary]] : []),
  ]);
}

const delayCells = ({ p50Ms, p95Ms, droppedShare }: MediumSummary) => [
  msOf(p50Ms),
  msOf(p95Ms),
  `${(100 * droppedShare).toFixed(1)} %`,
];

function cutCells(picture: CutSummary, sound: CutSummary, recoveryMs: number): string[] {
  const backAfter = ({ backAfterMs }: CutSummary) =>
    backAfterMs === null ? `not within ${recoveryMs / 1e3}` : secondsOf(backAfterMs);
  return [
    secondsOf(picture.lostMs),
    secondsOf(picture.frozenMs),
    backAfter(picture),
    secondsOf(sound.lostMs),
    backAfter(sound),
  ];
}

function loadsOf(loads: readonly number[]): string {
  const [first = Number.NaN, ...during] = loads.map((load) => load.toFixed(1));
  const sorted = during.toSorted((a, b) => Number(a) - Number(b));
  return `${first} before, ${sorted[0]} to ${sorted.at(-1)} meanwhile`;
}

const msOf = (ms: number | null) => (ms === null ? "none" : ms.toFixed(0));
const secondsOf = (ms: number | null) => (ms === null ? "" : (ms / 1e3).toFixed(2));
const percentOf = (percent: number | null) => (percent === null ? "" : `${percent.toFixed(0)} %`);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join(
    "\n",
  );
}
