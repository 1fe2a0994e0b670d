import type { LocalRecord, StoreTable, StoreTables, WriteTransaction } from '@fieldsync/sync-engine'

import { miswriting, type Rewrite, rewritten, startingWith, withWrites } from './broken-store.ts'
import { misreading } from './broken-transport.ts'
import type { Mutant } from './mutant.ts'

type Row<T extends StoreTable> = readonly [key: string, value: StoreTables[T]]

/** Rewrites the rows of one table alone. */
const inTable =
  <T extends StoreTable>(wanted: T, change: (row: Row<T>) => Row<T> | null): Rewrite =>
  (table, rows) => {
    const name: StoreTable = table
    if (name !== wanted) return rows
    // It is the wanted table.
    const mine = rows as unknown as readonly Row<T>[]
    return mine.flatMap((row) => {
      const left = change(row)
      return left ? [left] : []
    }) as unknown as typeof rows
  }

/** Rewrites one of the single values that a device keeps. */
const inValue = (name: string, change: (value: Entries) => Entries | null): Rewrite =>
  inTable('values', ([key, value]) => {
    // Only values that are objects are asked for.
    const left = key === name ? change(value as Entries) : (value as Entries)
    return left === null ? null : [key, left as StoreTables['values']]
  })

type Entries = { readonly [key: string]: unknown }

const withRecords = (change: (record: LocalRecord) => LocalRecord | null): Rewrite =>
  inTable('records', ([key, record]) => {
    const left = change(record)
    return left && [key, left]
  })

async function clearInFlightBatch(transaction: WriteTransaction): Promise<void> {
  await transaction.delete('values', ['snapshot', 'snapshotBody'])
  for (const [key, record] of await transaction.list('records')) {
    if (record.inFlight > 0) await transaction.put('records', key, { ...record, inFlight: 0 })
  }
}

/** Mistakes of an engine in what it keeps. */
export const STORING_MUTANTS: readonly Mutant[] = [
  miswriting('the cursor is not written', () => {
    return inValue('position', (position) => ({ ...position, cursor: '' }))
  }),
  miswriting('the cursor is written without the records of its page', () => {
    let pages = 0
    return withRecords((record) =>
      record.server && record.queued.length === 0 && ++pages % 4 === 0 ? null : record,
    )
  }),
  miswriting('the outbox forgets how far it has counted', () =>
    inValue('queue', (queue) => ({ ...queue, nextSequence: 1 })),
  ),
  miswriting('the time of the acknowledgement is lost', () =>
    withRecords((record) => ({ ...record, acknowledgedAt: null })),
  ),
  miswriting('a record that the server no longer has is dropped', () =>
    withRecords((record) => (record.localOnly && record.server === null && !record.local ? null : record)),
  ),
  miswriting('a write is kept without its position in the outbox', () => {
    let writes = 0
    return inTable('outbox', (row) => (++writes % 5 === 0 ? null : row))
  }),
  miswriting('what lost a conflict is not kept', () => inTable('conflicts', () => null)),
  miswriting('an edit that waits is overwritten by what comes down', () => {
    return async (table, rows, transaction) => {
      if (table !== 'records') return rows
      for (const [, record] of rows as unknown as readonly Row<'records'>[]) {
        const place = record.queued[record.inFlight]
        if (record.type !== 'observation' || !record.server || place === undefined) continue
        const entry = await transaction.get('outbox', place)
        if (entry)
          await transaction.put('outbox', place, {
            ...entry,
            document: record.server as typeof entry.document,
          })
      }
      return rows
    }
  }),
  miswriting('what was looked through after a full pull is looked through again', () =>
    inValue('fullPull', (pull) => ({ ...pull, swept: '' })),
  ),
  {
    name: 'the in-flight batch is forgotten at start',
    // Asked at each start.
    device: () => ({ store: (store) => startingWith(store, clearInFlightBatch) }),
  },
  {
    name: 'an answer is taken over a second time',
    device: () => {
      let answered: Row<'records'>[] = []
      return {
        store: (store) =>
          withWrites(store, (transaction) => {
            const changed: Row<'records'>[] = []
            return rewritten(transaction, async (table, rows) => {
              if (table === 'records') changed.push(...(rows as unknown as Row<'records'>[]))
              const isAnswer = table === 'values' && rows.some(([key]) => key === 'position')
              if (!isAnswer) return rows
              await transaction.putMany('records', answered)
              answered = changed
              return rows
            })
          }),
      }
    },
  },
]

/** Mistakes that show only where records are deleted, or in what a store keeps beside what a person sees. */
export const DIRECT_MUTANTS: readonly Mutant[] = [
  misreading('what was deleted is kept', (response) => {
    const { deleted: _, ...downstream } = response.downstream
    return { ...response, downstream }
  }),
  miswriting('the number of writes that wait is not kept', () =>
    inValue('queue', (queue) => ({ ...queue, pending: 0 })),
  ),
  miswriting('a record is kept as synced while a write of it waits', () =>
    withRecords((record) => (record.status === 'pending' ? { ...record, status: 'synced' } : record)),
  ),
]
