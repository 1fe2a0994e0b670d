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

// So many records that it fails on alone, one after the other: then it is the server.
const MOST_SUSPECTS = 8

const NONE: Isolation = { failures: 0 }

/**
 * After the server failed on a batch with records in all attempts, itself and not the way to it (ENG-26): looks for the
 * records that make it fail, by halves, so that the others get through.
 *
 * @returns whether the cycle goes on with something smaller or else; false where the failure has to be waited for
 */
export async function isolate(ledger: Ledger, transaction: WriteTransaction, call: Call): Promise<boolean> {
  const [snapshot, known = NONE] = await readKept(transaction, ['snapshot', 'isolation'])
  if (snapshot?.syncId !== call.syncId) return true
  const failures = known.failures + 1
  const [only, ...others] = call.entries
  const suspects = known.suspects ?? []
  const isServer = others.length === 0 && suspects.length === MOST_SUSPECTS
  if (failures < PATIENCE || isServer) {
    await writeKept(transaction, 'isolation', isServer ? undefined : { failures })
    return false
  }
  await abandonSnapshot(ledger, transaction, snapshot)
  await writeKept(transaction, 'isolation', {
    failures,
    suspects: others.length === 0 && only ? [...suspects, only.key] : suspects,
  })
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
  const { suspects = [] } = isolation
  const issues = [{ path: '', message: 'makes the server fail, which takes other records' }]
  return quarantine(ledger, new Map(suspects.map((key) => [key, issues])), context.clock.now())
}

/** Nothing else was there to try: the suspects are tried again in the next cycle. Whether there were some. */
export async function acquit(transaction: WriteTransaction): Promise<boolean> {
  const [isolation] = await readKept(transaction, ['isolation'])
  if (!isolation?.suspects?.length) return false
  await writeKept(transaction, 'isolation', { failures: isolation.failures })
  return true
}
