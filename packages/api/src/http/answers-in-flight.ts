import { MemoryBudget } from '../core/memory-budget.ts'

const MiB = 1024 * 1024

/** Below this an answer is not counted: ten thousand connections of them fit. */
const SMALL_BYTES = 64 * 1024

/**
 * Memory for answers that clients have not taken yet. A page holds about 4 MiB, and a client that asks for one on each
 * of a thousand connections and reads none would else have the process hold them all.
 */
const answers = new MemoryBudget(256 * MiB, 64 * MiB)

/** @returns false if there is no room for an answer of so many bytes at the moment */
export const takeAnswer = (...[res, bytes]: Parameters<MemoryBudget['take']>): boolean =>
  bytes <= SMALL_BYTES || answers.take(res, bytes)
