import { readMeta, writeMeta } from './engine-meta.ts'
import { type EntityType, type LocalRecord, recordKey } from './local-record.ts'
import {
  type ListOptions,
  type LocalStore,
  type ReadTransaction,
  sequenceKey,
  type WriteTransaction,
} from './local-store.ts'
import { recordPages } from './record-pages.ts'

/**
 * The order in which records first came to this device, written here or by others: kept as one row per record, under a
 * number that the device counts up. No clock has a part in it, so that a phone whose clock is wrong changes nobody's
 * lists (ENG-56).
 */
export const arrivalKey = (type: EntityType, arrival: number): string =>
  `${prefixOf(type)}${sequenceKey(arrival)}`

const ALL = 'arrival/'
const prefixOf = (type: EntityType): string => `${ALL}${type}/`

/** Ids of a type in the order of their arrival. Null where the store is of an earlier version and has no order yet. */
export async function listArrivals(
  transaction: ReadTransaction,
  type: EntityType,
  { after, ...options }: Pick<ListOptions, 'after' | 'reverse' | 'limit'>,
): Promise<string[] | null> {
  const [position] = await readMeta(transaction, ['position'])
  if (position !== undefined && position.nextArrival === undefined) return null
  const behind = after === undefined ? {} : { after: await keyOf(transaction, type, after) }
  const rows = await transaction.list('values', { prefix: prefixOf(type), ...options, ...behind })
  // Rows under this prefix hold ids.
  return rows.map(([, id]) => id as string)
}

async function keyOf(transaction: ReadTransaction, type: EntityType, id: string): Promise<string> {
  const record = await transaction.get('records', recordKey(type, id))
  if (record?.arrival === undefined) {
    throw new RangeError(`${id} is no longer on this device: the list has to be read from its beginning`)
  }
  return arrivalKey(type, record.arrival)
}

const CHUNK = 500

/**
 * Gives every record that has no place in the order one, behind those that have: in a store of an earlier version all of
 * them, by their ids, as their lists were until then, but those of a clock that is ahead first, where they are out of the
 * way. A row without its record is removed: an earlier version may be at work on the same store, in another tab.
 *
 * @param next the next number
 * @returns the next number after that
 */
export async function orderArrivals(
  transaction: WriteTransaction,
  next: number,
  now: number,
): Promise<number> {
  const stray = new Set((await transaction.list('values', { prefix: ALL })).map(([key]) => key))
  const ahead: string[] = []
  const others: string[] = []
  for await (const rows of recordPages(transaction)) {
    for (const [key, record] of rows) {
      const { type, arrival } = record
      if (arrival !== undefined && stray.delete(arrivalKey(type, arrival))) continue
      ;(isAhead(record, now) ? ahead : others).push(key)
    }
  }
  await transaction.delete('values', [...stray])
  const keys = [...ahead, ...others]
  for (let at = 0; at < keys.length; at += CHUNK) {
    const found = await transaction.getMany('records', keys.slice(at, at + CHUNK))
    const rows = found.flatMap((record, i) => (record ? [{ ...record, arrival: next + at + i }] : []))
    await transaction.putMany(
      'records',
      rows.map((row) => [recordKey(row.type, row.id), row] as const),
    )
    await transaction.putMany(
      'values',
      rows.map(({ type, id, arrival }) => [arrivalKey(type, arrival), id] as const),
    )
  }
  return next + keys.length
}

/** True if some records have no place in the order: the store is, or was lately used, by an earlier version. */
async function isIncomplete(transaction: ReadTransaction): Promise<boolean> {
  const [position] = await readMeta(transaction, ['position'])
  if (position === undefined) return false
  if (position.nextArrival === undefined) return true
  return (await transaction.count('records')) !== (await transaction.count('values', { prefix: ALL }))
}

/** Brings the order up to date for a program that begins by reading. @param now milliseconds since 1970 */
export async function completeOrder(store: LocalStore, now: number): Promise<void> {
  if (!(await store.read(isIncomplete))) return
  await store.write(async (transaction) => {
    const [position] = await readMeta(transaction, ['position'])
    if (position === undefined) return
    const nextArrival = await orderArrivals(transaction, position.nextArrival ?? 1, now)
    await writeMeta(transaction, 'position', { ...position, nextArrival })
  })
}

// Clocks of different phones differ by minutes.
const AHEAD_MS = 60 * 60_000

function isAhead({ local, server, localOnly }: LocalRecord, now: number): boolean {
  const document = local ?? localOnly ?? server
  return document !== null && 'createdAt' in document && Date.parse(document.createdAt) > now + AHEAD_MS
}
