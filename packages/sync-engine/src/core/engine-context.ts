import type { DeviceId } from '@fieldsync/contracts'
import type { Actor, Sha256 } from '@fieldsync/domain'

import { Ledger } from './changeset.ts'
import type { EngineEvent } from './engine-events.ts'
import type { Position, QueueNumbers } from './engine-meta.ts'
import type { EngineSettings } from './engine-options.ts'
import { type ForeignStore, foreignStore, ForeignStoreError, readForeignStore } from './foreign-store.ts'
import type { Clock } from './ports/clock.ts'
import type { Ids } from './ports/ids.ts'
import type { LocalStore, ReadTransaction, WriteTransaction } from './ports/local-store.ts'

/** What the parts of one engine share. */
export type EngineContext = {
  store: LocalStore
  clock: Clock
  ids: Ids
  sha256: Sha256
  settings: EngineSettings
  deviceId: DeviceId
  /** Where the server is. */
  address: string
  /** Whether the server has to be asked who it is before the next call (ENG-31): it was not yet, or may be another by now. */
  meeting: { isDue: boolean }
  /** The workspace for which this program has found the store to be foreign. */
  disownedBy: ForeignStore['reached']
  /** The caller as the rules see it, as far as the device knows. */
  actor: Actor
  /** Tells after a change was stored how things stand now. */
  stored: (queue: QueueNumbers, position: Position) => void
  /** Publishes whether the store is another owner's. */
  ownership: (foreign: ForeignStore | null) => void
  emit: (event: EngineEvent) => void
}

type Work<T> = (ledger: Ledger, transaction: WriteTransaction) => Promise<T>

/**
 * Changes what the device keeps, in one transaction of the store: all of it or nothing.
 * @throws ForeignStoreError if the store is not this engine's
 */
export const change = <T>(context: EngineContext, work: Work<T>): Promise<T> =>
  transact(context, (ledger, transaction) => {
    refuseForeign(context, ledger)
    // The device's own until a server names its workspace.
    ledger.position.owner ??= context.deviceId
    return work(ledger, transaction)
  })

/** As {@link change}, whoever owns the store: for what decides about its owner. */
export async function transact<T>(context: EngineContext, work: Work<T>): Promise<T> {
  const { value, ledger } = await context.store.write(async (transaction) => {
    const opened = await Ledger.open(transaction, context.sha256)
    await opened.order(transaction, context.clock.now())
    const done = await work(opened, transaction)
    await opened.flush(transaction)
    return { value: done, ledger: opened }
  })
  context.stored(ledger.queue, ledger.position)
  return value
}

/**
 * Looks at what the device keeps, in one consistent view; what `work` changes in the ledger is dropped.
 * @throws ForeignStoreError if the store is not this engine's
 */
export const look = <T>(context: EngineContext, work: (ledger: Ledger) => Promise<T>): Promise<T> =>
  context.store.read(async (transaction) => {
    const ledger = await Ledger.open(transaction, context.sha256)
    refuseForeign(context, ledger)
    return work(ledger)
  })

/** Reads from the store; `nothing` where it is another owner's, whose records are never shown (ENG-22). */
export const readOwn = <T>(
  context: Pick<EngineContext, 'store' | 'deviceId' | 'address' | 'disownedBy'>,
  nothing: T,
  work: (transaction: ReadTransaction) => Promise<T>,
): Promise<T> =>
  context.store.read(async (transaction) =>
    (await readForeignStore(transaction, context))?.hidden ? nothing : work(transaction),
  )

function refuseForeign(context: EngineContext, { position, contact }: Ledger): void {
  const foreign = foreignStore(context, position, contact)
  if (!foreign?.hidden) return
  context.ownership(foreign)
  throw new ForeignStoreError(foreign)
}
