/** What the instances of a backend took of one stream, taken together. Pure. */

/**
 * One line of the file sink's events.jsonl, as far as it counts here.
 *
 * @typedef {{ event: string, seq?: number, segment?: number, bytes?: number, capturedFrom?: number, capturedTo?: number,
 *   from?: number, to?: number }} RecordedEvent
 */

/**
 * @typedef {object} Verdict
 * @property {number} chunks
 * @property {number} bytes
 * @property {number} segments
 * @property {number[]} perInstance chunks that each instance took, in the order of the instances
 * @property {number[]} missing every seq below the last one that no instance took
 * @property {number[]} repeated every seq that was taken more than once
 * @property {number} gaps
 */

/**
 * @param {readonly (readonly RecordedEvent[])[]} instances what each instance recorded, oldest instance first
 * @returns {Verdict}
 */
export function judge(instances) {
  const chunks = instances.map((events) => events.filter(({ event }) => event === "chunk"));
  const all = chunks.flat();
  /** @type {Map<number, number>} */
  const times = new Map();
  for (const { seq = -1 } of all) times.set(seq, (times.get(seq) ?? 0) + 1);
  const last = Math.max(-1, ...times.keys());
  return {
    chunks: all.length,
    bytes: all.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    segments: new Set(all.map(({ segment }) => segment)).size,
    perInstance: chunks.map(({ length }) => length),
    missing: Array.from({ length: last + 1 }, (_, seq) => seq).filter((seq) => !times.has(seq)),
    repeated: [...times].filter(([, count]) => count > 1).map(([seq]) => seq),
    gaps: instances.flat().filter(({ event }) => event === "gap").length,
  };
}
