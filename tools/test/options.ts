import { parseArgs } from "node:util";
import { SetupFailure } from "../setup/failure.ts";

export interface TestOptions {
  readonly help: boolean;
  readonly keepGoing: boolean;
  readonly verbose: boolean;
  /** The steps to run, in their order. */
  readonly names: readonly string[];
}

/**
 * @param env CI set: keep going, and print everything
 * @param known names of the steps
 * @throws {SetupFailure} "bad-option"
 */
export function parseTestOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): TestOptions {
  const { values, positionals } = parse(args);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new SetupFailure("bad-option", `There is no step "${unknown}": the steps are ${known.join(", ")}.`);
  }
  const ci = Boolean(env.CI && env.CI !== "0" && env.CI !== "false");
  return {
    help: values.help ?? false,
    keepGoing: values["keep-going"] ?? ci,
    verbose: values.verbose ?? ci,
    names: known.filter((name) => positionals.length === 0 || positionals.includes(name)),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        "keep-going": { type: "boolean", short: "k" },
        verbose: { type: "boolean", short: "v" },
      },
    });
  } catch (error) {
    const [what] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new SetupFailure("bad-option", `${what}: "npm test -- --help" lists the options.`);
  }
}

export function testHelp(steps: readonly { name: string; what: string }[]): string {
  return `Checks everything, and installs what that takes.

  npm test [-- options] [steps]

  -k, --keep-going    run the remaining steps after one has failed (in CI: always)
  -v, --verbose       print what every step prints, not only what a failing one does (in CI: always)
  -h, --help          this text

Steps:
${steps.map(({ name, what }) => `  ${name.padEnd(18)}  ${what}`).join("\n")}
`;
}
