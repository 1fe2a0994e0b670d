import { z } from 'zod'

import type { EngineContext } from '../core/engine-context.ts'
import { type KnownLimits, readMeta, type Trial, writeMeta } from '../core/engine-meta.ts'
import type { Call } from '../core/in-flight-batch.ts'
import type { ReadTransaction, WriteTransaction } from '../core/local-store.ts'
import type { Refusal } from './read-answer.ts'

/** Most records and bytes of the next batch, and most records of its answer or of a pull's. */
export type CallSizes = { records: number; bytes: number; page: number }

// What a body holds beside its records, a full report included.
const FRAME_BYTES = 64 * 1024

// A size that failed is tried again after so many calls of the smaller one at the latest.
const MOST_NEEDED = 16

// The answer is more often the heavy part: uploads are compressed on every platform that can.
const PAGE_DIVISOR = 4

const Size = z.int().positive()

/** How much goes into the next call: what the program wants, what the server has said, and what is being tried. */
export async function callSizes(
  { settings }: EngineContext,
  transaction: ReadTransaction,
): Promise<CallSizes> {
  const [limits, trial] = await readMeta(transaction, ['limits', 'trial'])
  const known = limits ? Math.max(1, limits.bytes - FRAME_BYTES) : Infinity
  return {
    records: atLeastOne(settings.batchRecords, limits?.records, trial?.records),
    bytes: atLeastOne(settings.batchBytes, known, trial?.bytes),
    page: atLeastOne(settings.pageRecords, trial?.page),
  }
}

const atLeastOne = (...sizes: (number | undefined)[]): number =>
  Math.max(1, Math.min(...sizes.map((size) => size ?? Infinity)))

/**
 * Makes the next batches smaller after one was too large (ENG-14): to what the server says it takes, or to half where
 * it does not say, or where the batch kept to that already.
 * A single record cannot be made smaller.
 */
export async function shrinkBatches(
  transaction: WriteTransaction,
  { entries, body }: Call,
  { details }: Refusal,
): Promise<void> {
  const said = {
    records: Size.safeParse(details['maxRecords']).data,
    bytes: Size.safeParse(details['maxBytes']).data,
  }
  const tooMany = entries.length > (said.records ?? Infinity)
  const tooLong = utf8Length(body) > (said.bytes ?? Infinity)
  if (tooMany || tooLong) {
    const [known] = await readMeta(transaction, ['limits'])
    const limits: KnownLimits = {
      records: said.records ?? known?.records ?? Number.MAX_SAFE_INTEGER,
      bytes: said.bytes ?? known?.bytes ?? Number.MAX_SAFE_INTEGER,
    }
    await writeMeta(transaction, 'limits', limits)
  } else {
    await halveRecords(transaction, entries.length)
  }
}

/** The next batches hold half as many records as one that failed. */
export async function halveRecords(transaction: WriteTransaction, records: number): Promise<void> {
  const [trial] = await readMeta(transaction, ['trial'])
  await writeMeta(transaction, 'trial', { ...trial, records: Math.floor(records / 2), streak: 0 })
}

/** Makes every size smaller after a batch did not get through while a smaller call did (ENG-49). */
export async function shrinkCalls(
  transaction: WriteTransaction,
  failed: { records: number; bytes: number; page: number },
): Promise<void> {
  const [trial] = await readMeta(transaction, ['trial'])
  await writeMeta(transaction, 'trial', {
    records: Math.max(1, Math.floor(failed.records / 2)),
    bytes: Math.max(1, Math.floor(failed.bytes / 2)),
    page: smallerPage(failed.page),
    ...moreCareful(trial),
  })
}

/** Makes answers smaller, after one did not get through whose call could not be. */
export async function shrinkPage(transaction: WriteTransaction, page: number): Promise<void> {
  const [trial] = await readMeta(transaction, ['trial'])
  await writeMeta(transaction, 'trial', {
    // A pull says nothing about batches; Infinity is no JSON.
    records: Number.MAX_SAFE_INTEGER,
    ...trial,
    page: smallerPage(page),
    ...moreCareful(trial),
  })
}

const smallerPage = (page: number): number => Math.max(1, Math.floor(page / PAGE_DIVISOR))

const moreCareful = (trial: Trial | undefined) => ({
  streak: 0,
  needed: Math.min(MOST_NEEDED, (trial?.needed ?? 1) * 2),
})

/**
 * After a call got through that used what was tried: twice as much next time, or after some more of these where larger
 * ones have failed before, until nothing is tried any more.
 *
 * @param received records that its answer brought, and whether there are more
 */
export async function growCalls(
  { settings }: EngineContext,
  transaction: WriteTransaction,
  { entries, body }: Call,
  received: { records: number; hasMore: boolean },
): Promise<void> {
  const [trial] = await readMeta(transaction, ['trial'])
  if (!trial) return
  const { needed = 1 } = trial
  const records = Math.min(trial.records, settings.batchRecords)
  const bytes = Math.min(trial.bytes ?? Infinity, settings.batchBytes)
  const page = Math.min(trial.page ?? Infinity, settings.pageRecords)
  // A small call says nothing about larger ones.
  const filled = entries.length * 2 > records || (entries.length > 0 && utf8Length(body) * 2 > bytes)
  const filledPage = received.hasMore || received.records * 2 > page
  if (!filled && !filledPage) return
  const streak = (trial.streak ?? 0) + 1
  if (streak < needed) {
    await writeMeta(transaction, 'trial', { ...trial, streak })
    return
  }
  const next = {
    records: filled ? records * 2 : records,
    bytes: filled ? bytes * 2 : bytes,
    page: page * 2,
  }
  const isOver =
    next.records >= settings.batchRecords &&
    next.bytes >= settings.batchBytes &&
    next.page >= settings.pageRecords
  await writeMeta(transaction, 'trial', isOver ? undefined : { ...next, needed: Math.ceil(needed / 2) })
}

/** How many bytes a well-formed text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    // Both halves of a pair together are four.
    else if (unit >= 0xd800 && unit < 0xe000) bytes += 2
    else bytes += 3
  }
  return bytes
}
