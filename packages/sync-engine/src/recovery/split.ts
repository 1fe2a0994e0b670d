import type { EngineContext } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type KnownLimits, readKept, writeKept } from '../model/kept-values.ts'
import type { BatchLimits } from '../outbox/pick-entries.ts'
import type { Call } from '../outbox/snapshot.ts'
import { utf8Length } from '../outbox/utf8-length.ts'
import type { WriteTransaction } from '../ports/local-store.ts'
import type { Refusal } from '../send/read-answer.ts'

// What a body holds beside its records, a full report included.
const FRAME_BYTES = 64 * 1024

/** How much goes into the next batch: what the program wants, what the server has said, and what is being tried. */
export async function batchLimits({ settings }: EngineContext, ledger: Ledger): Promise<BatchLimits> {
  const [limits, trial] = await readKept(ledger.transaction, ['limits', 'trial'])
  const bytes = limits ? Math.max(1, limits.bytes - FRAME_BYTES) : Number.POSITIVE_INFINITY
  return {
    records: Math.max(
      1,
      Math.min(settings.batchRecords, limits?.records ?? Infinity, trial?.records ?? Infinity),
    ),
    bytes: Math.min(settings.batchBytes, bytes),
  }
}

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
  const said = { records: positive(details['maxRecords']), bytes: positive(details['maxBytes']) }
  const tooMany = said.records !== undefined && entries.length > said.records
  const tooLong = said.bytes !== undefined && utf8Length(body) > said.bytes
  if (tooMany || tooLong) {
    const [known] = await readKept(transaction, ['limits'])
    const limits: KnownLimits = {
      records: said.records ?? known?.records ?? Number.MAX_SAFE_INTEGER,
      bytes: said.bytes ?? known?.bytes ?? Number.MAX_SAFE_INTEGER,
    }
    await writeKept(transaction, 'limits', limits)
  } else {
    await writeKept(transaction, 'trial', { records: Math.floor(entries.length / 2) })
  }
}

/** After a batch of a size that was tried went through: twice as many next time, until it is no trial any more. */
export async function growBatches({ settings }: EngineContext, transaction: WriteTransaction): Promise<void> {
  const [trial] = await readKept(transaction, ['trial'])
  if (!trial) return
  const records = trial.records * 2
  await writeKept(transaction, 'trial', records < settings.batchRecords ? { records } : undefined)
}

const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
