/** What the end-to-end tests note their browser under; see e2e/support/engines-reporter.ts. */
const ANNOTATION = "engine";

interface Annotated {
  readonly annotations?: readonly { readonly type: string; readonly description?: string }[];
}
interface Suite {
  readonly specs?: readonly { readonly tests: readonly Annotated[] }[];
  readonly suites?: readonly Suite[];
}

/** Chromium and a WebKit are required; this one is had where the system has it. */
const OPTIONAL_ENGINES = ["Firefox"];

/**
 * @param json what Playwright's "json" reporter writes
 * @returns the engines that ran and those that did not, because which ones there are depends on the machine
 */
export function describeEngines(json: string): string {
  const tests = new Map<string, number>();
  const count = ({ specs = [], suites = [] }: Suite): void => {
    for (const { annotations = [] } of specs.flatMap((spec) => spec.tests)) {
      for (const { type, description } of annotations) {
        if (type === ANNOTATION && description) tests.set(description, (tests.get(description) ?? 0) + 1);
      }
    }
    suites.forEach(count);
  };
  count(JSON.parse(json));
  const ran = [...tests].sort().map(([engine, number]) => `${engine}: ${number} tests`);
  const missing = OPTIONAL_ENGINES.filter(
    (name) => ![...tests.keys()].some((engine) => engine.startsWith(name)),
  );
  return [...ran, ...missing.map((name) => `${name}: not run, there is none here`)].join(", ");
}
