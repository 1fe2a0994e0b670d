import type { Observation } from '@fieldsync/contracts'
import type { BatchCall, LocalStore, ReadTransaction, WriteTransaction } from '@fieldsync/sync-engine'

import type { TestDevice } from './test-device.ts'
import { testWorld } from './test-world.ts'

type Stored = { syncId: string } | undefined

/** The keys of the batches that lie in the store: the one in flight, in either form, and the one ahead. */
export function storedOf({ tables }: TestDevice): (string | undefined)[] {
  const [whole, promoted, ahead] = ['snapshot', 'promoted', 'ahead'].map(
    (name) => tables.values.get(name) as Stored,
  )
  return [(whole ?? promoted)?.syncId, ahead?.syncId]
}

export const keysOf = (calls: readonly BatchCall[]): string[] =>
  calls.map(({ idempotencyKey }) => idempotencyKey)

export const idsOf = (call: BatchCall | undefined): string[] => {
  const { upserts } = JSON.parse(call?.body ?? '') as { upserts: Record<string, Record<string, string>[]> }
  return [
    ...(upserts['observations'] ?? []).map(({ observationId = '' }) => observationId),
    ...(upserts['recommendations'] ?? []).map(({ recommendationId = '' }) => recommendationId),
  ]
}

/** Anna with so many drafts that were never sent. */
export async function queueOf(drafts: number, batchRecords = 2) {
  const world = await testWorld({ settings: { batchRecords } })
  const { anna } = world
  await anna.sync()
  anna.link.calls.length = 0
  anna.events.length = 0
  const saved: Observation[] = []
  for (let i = 0; i < drafts; i++) saved.push(await anna.saved())
  return { ...world, saved }
}

/** Calls back once a batch was stored ahead, before anything else is done to the store. */
export function onAhead(device: TestDevice, work: () => void): void {
  let isDone = false
  device.disk.atCommit = ({ when }) => {
    if (isDone || when === 'before' || storedOf(device)[1] === undefined) return
    isDone = true
    work()
  }
}

/** Calls back once the batch that went ahead is the one in flight, before anything else is done to the store. */
export function onPromoted(device: TestDevice, work: () => void): void {
  let isDone = false
  device.disk.atCommit = ({ when }) => {
    if (isDone || when === 'before' || !device.tables.values.has('promoted')) return
    isDone = true
    work()
  }
}

/** Counts the rows of the outbox that are read, and those of records that are written. */
export function countingRows(store: LocalStore, rows: { read: number; written: number }): LocalStore {
  const reading = <T extends ReadTransaction>(transaction: T): T => ({
    ...transaction,
    getMany: async (table, keys) => {
      const found = await transaction.getMany(table, keys)
      if (table === 'outbox') rows.read += found.length
      return found
    },
    list: async (table, options) => {
      const found = await transaction.list(table, options)
      if (table === 'outbox') rows.read += found.length
      return found
    },
  })
  const writing = (transaction: WriteTransaction): WriteTransaction => ({
    ...reading(transaction),
    putMany: (table, entries) => {
      if (table === 'records') rows.written += entries.length
      return transaction.putMany(table, entries)
    },
  })
  return {
    read: (work) => store.read((transaction) => work(reading(transaction))),
    write: (work) => store.write((transaction) => work(writing(transaction))),
    erase: (remaining) => store.erase(remaining),
    exclusively: (work) => store.exclusively(work),
    onChange: (listener) => store.onChange(listener),
    close: () => store.close(),
  }
}
