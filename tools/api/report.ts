/** What other people's pages see of the package, as API Extractor reads it from its types. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from "@microsoft/api-extractor";
import { frontend, local } from "../paths.ts";
import { ensurePackage } from "../setup/package.ts";

export const FACES = ["index", "react", "server", "watch"] as const;
export type Face = (typeof FACES)[number];

const folder = join(frontend, "twincast");

/** Where the report of a face is kept. */
export const reportFile = (face: Face): string => join(folder, "api", `${face}.api.md`);

/**
 * Describes the built package.
 *
 * @returns the reports, and what API Extractor complains about
 */
export async function describeApi(): Promise<{ reports: Map<Face, string>; complaints: string[] }> {
  await ensurePackage();
  mkdirSync(local, { recursive: true });
  const target = mkdtempSync(join(local, "api-"));
  const complaints: string[] = [];
  try {
    const reports = new Map<Face, string>();
    for (const face of FACES) {
      const config = ExtractorConfig.prepare({
        configObjectFullPath: join(folder, "api-extractor.json"),
        packageJsonFullPath: join(folder, "package.json"),
        configObject: {
          projectFolder: folder,
          mainEntryPointFilePath: join(folder, "dist/types/faces", `${face}.d.ts`),
          compiler: { overrideTsconfig: TSCONFIG },
          apiReport: {
            enabled: true,
            reportFolder: target,
            reportTempFolder: target,
            reportFileName: `${face}.api.md`,
          },
          newlineKind: "lf",
          docModel: { enabled: false },
          dtsRollup: { enabled: false },
          messages: {
            extractorMessageReporting: { default: { logLevel: "warning" as ExtractorLogLevel } },
          },
        },
      });
      Extractor.invoke(config, {
        localBuild: true,
        messageCallback: (message) => {
          message.handled = true;
          if (!isFine(face, message))
            complaints.push(`${face}: ${message.formatMessageWithLocation(folder)}`);
        },
      });
      reports.set(face, readFileSync(join(target, `${face}.api.md`), "utf8"));
    }
    return { reports, complaints };
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** Whether it is no complaint, or one of a way of writing that is ours. */
function isFine(face: Face, { messageId, logLevel }: ExtractorMessage): boolean {
  if (logLevel !== ExtractorLogLevel.Warning && logLevel !== ExtractorLogLevel.Error) return true;
  if (IGNORED.has(messageId)) return true;
  // Types that "twincast" exports, and classes that only the watch page's makers construct.
  return messageId === "ae-forgotten-export" && (face === "react" || face === "watch");
}

const TSCONFIG = {
  compilerOptions: {
    target: "es2023",
    lib: ["dom", "dom.iterable", "esnext"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    skipLibCheck: true,
    types: [],
  },
  include: ["dist/types/**/*.d.ts"],
};

/** What API Extractor says of every project, or of ways of writing that are ours. */
const IGNORED: ReadonlySet<string> = new Set([
  // No @public on each: what a face exports is public.
  "ae-missing-release-tag",
  // Of the report itself, which is new each time.
  "console-api-report-created",
  "console-api-report-copied",
  "console-api-report-unchanged",
  "console-api-report-folder-missing",
  // It is older than the compiler that wrote the types.
  "console-compiler-version-notice",
  "console-preamble",
]);
