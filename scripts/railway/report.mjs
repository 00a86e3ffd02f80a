/** The report of a rehearsal: written while it goes on, in the order of the guide. */
import { seconds } from "../setup/progress.mjs";

export class Report {
  #sections = 0;
  #passed = 0;
  /** @type {string[]} */
  #failed = [];
  #startedAt = performance.now();
  /** @type {(line: string) => void} */
  #write;

  /** @param {(line: string) => void} write takes one line */
  constructor(write) {
    this.#write = write;
  }

  /** @param {string} title what a person would do now, as the guide says it */
  section(title) {
    this.#sections++;
    this.#write(`\n${this.#sections}. ${title}`);
  }

  /** @param {string} line what there is to see */
  note(line) {
    this.#write(`   ${line}`);
  }

  /**
   * @param {string} promise what has to be true
   * @param {boolean} isKept
   * @param {unknown} [found] what there was instead, shown when it is not kept
   */
  check(promise, isKept, found) {
    if (isKept) this.#passed++;
    else this.#failed.push(promise);
    this.#write(`   ${isKept ? "✓" : "✗"} ${promise}`);
    if (!isKept && found !== undefined) this.#write(`     found: ${JSON.stringify(found)}`);
  }

  /**
   * @template T
   * @param {string} what has been done when `work` is over
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async timed(what, work) {
    const startedAt = performance.now();
    const result = await work();
    this.check(`${what} (${seconds(performance.now() - startedAt)})`, true);
    return result;
  }

  /** @returns {{ kept: number, broken: number }} */
  get counts() {
    return { kept: this.#passed, broken: this.#failed.length };
  }

  /** @returns {boolean} whether every promise was kept, and there were any */
  end() {
    const took = seconds(performance.now() - this.#startedAt);
    this.#write(
      this.#failed.length === 0
        ? `\nRehearsed in ${took}: ${this.#passed} promises kept.`
        : `\nRehearsed in ${took}: ${this.#failed.length} of ${this.#passed + this.#failed.length} promises broken:\n${this.#failed.map((promise) => `   ✗ ${promise}`).join("\n")}`,
    );
    return this.#failed.length === 0 && this.#passed > 0;
  }
}
