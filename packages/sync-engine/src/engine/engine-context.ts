import type { DeviceId } from '@fieldsync/contracts'
import type { Actor, Sha256 } from '@fieldsync/domain'

import { Ledger } from '../ledger/ledger.ts'
import type { Position, QueueNumbers } from '../model/kept-values.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { LocalStore, WriteTransaction } from '../ports/local-store.ts'
import type { EngineEvent } from './engine-events.ts'
import type { EngineSettings } from './engine-options.ts'

/** What the parts of one engine share. */
export type EngineContext = {
  store: LocalStore
  clock: Clock
  ids: Ids
  sha256: Sha256
  settings: EngineSettings
  deviceId: DeviceId
  owner: string
  /** The caller as the rules see it, as far as the device knows. */
  actor: Actor
  /** Tells after a change was stored how things stand now. */
  stored: (queue: QueueNumbers, position: Position) => void
  emit: (event: EngineEvent) => void
}

/** The store holds the records of another device or company. */
export class ForeignStoreError extends Error {
  override name = 'ForeignStoreError'
}

/**
 * Changes what the device keeps, in one transaction of the store: all of it or nothing.
 * @throws ForeignStoreError if the store is not this engine's
 */
export async function change<T>(
  context: EngineContext,
  work: (ledger: Ledger, transaction: WriteTransaction) => Promise<T>,
): Promise<T> {
  const { value, ledger } = await context.store.write(async (transaction) => {
    const opened = await Ledger.open(transaction, context.sha256)
    opened.position.owner = claimed(opened.position.owner, context.owner)
    const done = await work(opened, transaction)
    await opened.flush(transaction)
    return { value: done, ledger: opened }
  })
  context.stored(ledger.queue, ledger.position)
  return value
}

/** Looks at what the device keeps, in one consistent view; what `work` changes in the ledger is dropped. */
export const look = <T>(context: EngineContext, work: (ledger: Ledger) => Promise<T>): Promise<T> =>
  context.store.read(async (transaction) => work(await Ledger.open(transaction, context.sha256)))

function claimed(known: string | null, owner: string): string {
  if (known === null || known === owner) return owner
  throw new ForeignStoreError(
    `This store belongs to ${known}, not to ${owner}: its queue would be sent in the wrong name.`,
  )
}
