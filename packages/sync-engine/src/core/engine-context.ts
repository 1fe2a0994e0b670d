import type { DeviceId } from '@fieldsync/contracts'
import type { Actor, PlaybookGrant, Sha256 } from '@fieldsync/domain'

import { Changeset } from './changeset.ts'
import type { EngineEvent } from './engine-events.ts'
import { type Position, type QueueNumbers, readMeta } from './engine-meta.ts'
import type { EngineSettings } from './engine-options.ts'
import { type ForeignStore, foreignStore, ForeignStoreError } from './foreign-store.ts'
import type { LocalStore, ReadTransaction, WriteTransaction } from './local-store.ts'
import type { Clock, Ids } from './ports.ts'
import { type Wipe, WipedStoreError } from './wipe.ts'

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
  session: { isDue: boolean }
  /** The workspace for which this program has found the store to be foreign. */
  disownedBy: ForeignStore['reached']
  /** The caller as the rules see it, as far as the device knows. */
  actor: Actor
  /** What it was granted in playbooks; undefined where that is not known. */
  grants?: readonly PlaybookGrant[] | undefined
  /** Whether a change of a playbook takes a second person, as far as the device knows. */
  fourEyes?: boolean
  /** Tells after a change was stored how things stand now. */
  stored: (queue: QueueNumbers, position: Position) => void
  /** Publishes whether the store is another owner's. */
  ownership: (foreign: ForeignStore | null) => void
  /** Publishes how far the wipe of the device is. */
  wiping: (wipe: Wipe) => void
  emit: (event: EngineEvent) => void
}

type Work<T> = (changeset: Changeset, transaction: WriteTransaction) => Promise<T>

/**
 * Changes what the device keeps, in one transaction of the store: all of it or nothing.
 * @throws ForeignStoreError if the store is not this engine's; WipedStoreError once the device is to be wiped
 */
export const transact = <T>(context: EngineContext, work: Work<T>): Promise<T> =>
  transactUnowned(context, (changeset, transaction) => {
    refuseForeign(context, changeset)
    // The device's own until a server names its workspace.
    changeset.position.owner ??= context.deviceId
    return work(changeset, transaction)
  })

/** As {@link transact}, whoever owns the store: for what decides about its owner. */
export async function transactUnowned<T>(context: EngineContext, work: Work<T>): Promise<T> {
  const { value, changeset } = await context.store.write(async (transaction) => {
    const opened = await Changeset.open(transaction, context.sha256)
    refuseWiped(context, opened)
    await opened.order(transaction, context.clock.now())
    const done = await work(opened, transaction)
    await opened.flush(transaction)
    return { value: done, changeset: opened }
  })
  context.stored(changeset.queue, changeset.position)
  return value
}

/**
 * Looks at what the device keeps, in one consistent view; what `work` changes is dropped.
 * @throws ForeignStoreError if the store is not this engine's; WipedStoreError once the device is to be wiped
 */
export const readStore = <T>(
  context: EngineContext,
  work: (changeset: Changeset) => Promise<T>,
): Promise<T> =>
  context.store.read(async (transaction) => {
    const changeset = await Changeset.open(transaction, context.sha256)
    refuseWiped(context, changeset)
    refuseForeign(context, changeset)
    return work(changeset)
  })

/**
 * Reads from the store; `nothing` where it is another owner's, whose records are never shown (ENG-22), and once the device is to
 * be wiped (ENG-80).
 */
export const readOwn = <T>(
  context: Pick<EngineContext, 'store' | 'deviceId' | 'address' | 'disownedBy'>,
  nothing: T,
  work: (transaction: ReadTransaction) => Promise<T>,
): Promise<T> =>
  context.store.read(async (transaction) => {
    const [position, contact, wipe] = await readMeta(transaction, ['position', 'contact', 'wipe'])
    const isHidden = wipe !== undefined || foreignStore(context, position, contact)?.hidden === true
    return isHidden ? nothing : work(transaction)
  })

function refuseWiped(context: EngineContext, { wipe }: Changeset): void {
  if (!wipe) return
  context.wiping(wipe)
  throw new WipedStoreError(wipe)
}

function refuseForeign(context: EngineContext, { position, contact }: Changeset): void {
  const foreign = foreignStore(context, position, contact)
  if (!foreign?.hidden) return
  context.ownership(foreign)
  throw new ForeignStoreError(foreign)
}
