import type { EngineContext } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Isolation, readKept, writeKept } from '../model/kept-values.ts'
import type { LocalConflict } from '../model/local-conflict.ts'
import type { Call } from '../outbox/snapshot.ts'
import type { WriteTransaction } from '../ports/local-store.ts'
import { abandonSnapshot } from './abandon-snapshot.ts'
import { quarantine } from './quarantine.ts'

// A server that is being mended fails for a while: a record is suspected when it goes on through so many cycles.
const PATIENCE = 3

const NONE: Isolation = { failures: 0, suspect: null }

/**
 * After the server failed on a batch with records in all attempts, itself and not the way to it (ENG-26): looks for the
 * one record that makes it fail, by halves, so that the others get through.
 *
 * @returns whether the cycle goes on with something smaller or else; false where the failure has to be waited for
 */
export async function isolate(ledger: Ledger, transaction: WriteTransaction, call: Call): Promise<boolean> {
  const [snapshot, known = NONE] = await readKept(transaction, ['snapshot', 'isolation'])
  if (snapshot?.syncId !== call.syncId) return true
  const failures = known.failures + 1
  const [only, ...others] = call.entries
  // Another record alone fails too: it is the server, not a record.
  const isServer = others.length === 0 && known.suspect !== null
  if (failures < PATIENCE || isServer) {
    await writeKept(transaction, 'isolation', isServer ? undefined : { failures, suspect: null })
    return false
  }
  await abandonSnapshot(ledger, transaction, snapshot)
  const suspect = others.length === 0 && only ? only.key : known.suspect
  await writeKept(transaction, 'isolation', { failures, suspect })
  if (others.length > 0)
    await writeKept(transaction, 'trial', { records: Math.floor(call.entries.length / 2) })
  return true
}

/** After a batch went through: what the server failed on alone, while it took others, waits for a person. */
export async function convict(
  context: EngineContext,
  ledger: Ledger,
  transaction: WriteTransaction,
): Promise<LocalConflict[]> {
  const [isolation] = await readKept(transaction, ['isolation'])
  if (!isolation) return []
  await writeKept(transaction, 'isolation', undefined)
  if (isolation.suspect === null) return []
  const issues = [{ path: '', message: 'makes the server fail, which takes other records' }]
  return quarantine(ledger, new Map([[isolation.suspect, issues]]), context.clock.now())
}

/** Nothing else was there to try: the suspect is tried again in the next cycle. Whether there was one. */
export async function acquit(transaction: WriteTransaction): Promise<boolean> {
  const [isolation] = await readKept(transaction, ['isolation'])
  if (!isolation || isolation.suspect === null) return false
  await writeKept(transaction, 'isolation', { ...isolation, suspect: null })
  return true
}
