/** Ends a run's report with the engines that it ran on, because which ones depends on the machine. */
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Tests note their engine under this type. */
export const ENGINE_ANNOTATION = "engine";

export default class EnginesReporter implements Reporter {
  readonly #tests = new Map<string, number>();

  onTestEnd(_test: TestCase, { annotations }: TestResult): void {
    for (const { type, description } of annotations) {
      if (type !== ENGINE_ANNOTATION || !description) continue;
      this.#tests.set(description, (this.#tests.get(description) ?? 0) + 1);
    }
  }

  onEnd(): void {
    const engines = [...this.#tests].sort().map(([engine, tests]) => `${engine}: ${tests} tests`);
    console.log(`\nEngines that ran: ${engines.join(", ") || "none"}`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
