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

const NOT_WRITABLE: Readonly<Record<string, string>> = {
  EACCES: "may not be written: make this folder yours, and run the command again",
  EPERM: "may not be written: make this folder yours, and run the command again",
  EROFS: "is on a file system that cannot be written: copy the project elsewhere",
  ENOSPC: "does not fit on the disk: make room, and run the command again",
  EDQUOT: "does not fit into your quota: make room, and run the command again",
};

/**
 * What to tell the person of something that went wrong. A SetupFailure is told in its own words, a file system that cannot be
 * written in one sentence; anything else is a fault of this project and keeps its stack trace.
 */
export function explain(error: unknown): unknown {
  if (error instanceof SetupFailure) return error.message;
  const { code = "", path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const why = NOT_WRITABLE[code];
  return path && why ? `${path} ${why}.` : error;
}

export const tell = (error: unknown) => console.error(explain(error));

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
