/** Why the set-up or a start cannot go on. Scripts that call these commands may rely on the codes staying as they are. */
export type FailureCode =
  | "bad-option"
  | "offline"
  | "install-failed"
  | "python-missing"
  | "python-too-old"
  | "venv-missing"
  | "build-failed"
  | "port-in-use"
  | "port-forbidden"
  | "service-failed"
  | "browser-missing"
  | "tool-missing";

/** A failure with its hint: the message is the one sentence that the person at the terminal reads. */
export class SetupFailure extends Error {
  override readonly name = "SetupFailure";
  readonly code: FailureCode;

  /** @param message what is wrong and what to do about it */
  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Tells the person what went wrong. A SetupFailure is told in its own words; anything else is a fault of this project
 * and keeps its stack trace.
 */
export function tell(error: unknown): void {
  console.error(error instanceof SetupFailure ? error.message : error);
}

/**
 * Runs a command's main function to its end and leaves with its exit code.
 *
 * @param main returns the exit code
 */
export async function runMain(main: () => Promise<number>): Promise<never> {
  try {
    process.exit(await main());
  } catch (error) {
    tell(error);
    process.exit(1);
  }
}
