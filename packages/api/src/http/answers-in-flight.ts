import { MemoryBudget } from '../core/memory-budget.ts'

const MiB = 1024 * 1024

/** Below this size an answer is not counted: ten thousand of them fit in memory. */
const SMALL_BYTES = 64 * 1024

/**
 * Memory for answers that clients have not read yet. A page is about 4 MiB, and a client that requests one on each of a
 * thousand connections and reads none would otherwise make the process buffer them all.
 */
const answers = new MemoryBudget(256 * MiB, 64 * MiB)

/** @returns false if there is currently no room for an answer of this many bytes */
export const takeAnswer = (...[res, bytes]: Parameters<MemoryBudget['take']>): boolean =>
  bytes <= SMALL_BYTES || answers.take(res, bytes)
