import { canonicalText, combineDigests, EMPTY_STATE_HASH } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { serverDigest } from '../core/changeset.ts'
import type { InFlightBatch, Position, QueueNumbers } from '../core/engine-meta.ts'
import { type EntityType, type LocalRecord, recordKey } from '../core/local-record.ts'
import type { StoreTable, StoreTables } from '../core/local-store.ts'
import type { MemoryDisk } from '../stores/memory/memory-store.ts'

// For tests of the engine in other packages, too.
export type { InFlightBatch, Isolation, Position, QueueNumbers, Trial } from '../core/engine-meta.ts'

export type DiskTables = { [T in StoreTable]: Map<string, StoreTables[T]> }

/** What lies on a disk in memory, read past its stores. */
export const diskTables = (disk: MemoryDisk): DiskTables => ({
  records: tableOf(disk, 'records'),
  outbox: tableOf(disk, 'outbox'),
  conflicts: tableOf(disk, 'conflicts'),
  values: tableOf(disk, 'values'),
})

function tableOf<T extends StoreTable>(disk: MemoryDisk, name: T): Map<string, StoreTables[T]> {
  const texts = disk.tables.get(name)?.entries() ?? []
  // A store in memory keeps the JSON of what was put.
  return new Map(texts.map(([key, text]) => [key, JSON.parse(text) as StoreTables[T]]))
}

/**
 * What does not agree in a device's store. Between any two transactions there must be nothing: every queued write is
 * known to its record and the other way round, numbers count what is there, and the hash is of what is kept.
 */
export function storeFindings(tables: DiskTables): string[] {
  return [...numbers(tables), ...queues(tables), ...records(tables), ...snapshot(tables), ...hash(tables)]
}

function numbers({ outbox, conflicts, records: rows, values }: DiskTables): string[] {
  const queue = values.get('queue') as QueueNumbers | undefined
  const quarantined = [...conflicts.values()].filter(({ kind }) => kind === 'quarantine').length
  const localOnly = [...rows.values()].filter((record) => record.localOnly !== undefined).length
  const counted = { pending: outbox.size, quarantined, conflicts: conflicts.size - quarantined, localOnly }
  return Object.entries(counted).flatMap(([name, count]) => {
    const stored = queue?.[name as keyof typeof counted] ?? 0
    return stored === count ? [] : [`${name} is kept as ${stored}, there are ${count}`]
  })
}

function queues({ outbox, records: rows }: DiskTables): string[] {
  const queuesOf = ({ type, id, document }: { type: EntityType; id: string; document: object }) => [
    recordKey(type, id),
    ...('patchId' in document && 'playbookId' in document ? [`playbook/${String(document.playbookId)}`] : []),
  ]
  const missing = [...outbox].flatMap(([key, entry]) =>
    queuesOf(entry).flatMap((record) =>
      rows.get(record)?.queued.includes(key) ? [] : [`${record} does not know its write ${key}`],
    ),
  )
  const stray = [...rows].flatMap(([record, { queued }]) =>
    queued.flatMap((key) => {
      const entry = outbox.get(key)
      return entry && queuesOf(entry).includes(record) ? [] : [`${record} lists ${key}, which is not there`]
    }),
  )
  return [...missing, ...stray]
}

function records({ outbox, conflicts, records: rows }: DiskTables): string[] {
  return [...rows].flatMap(([key, record]) => {
    const { type, id, queued, inFlight, status, local, server, localOnly } = record
    const waiting = [...conflicts.values()].filter((conflict) =>
      type === 'playbook'
        ? 'patchId' in conflict.losing && conflict.losing.playbookId === id
        : recordKey(conflict.type, conflict.entityId) === key,
    )
    const blocked = status === 'conflict' || status === 'quarantined'
    const rested = server === null && localOnly !== undefined ? 'local_only' : 'synced'
    const expected = inFlight > 0 ? 'in_flight' : queued.length > 0 ? 'pending' : rested
    const newest = outbox.get(queued.at(-1) ?? '')
    // What is offered again was made before what waits.
    const lost = waiting.toSorted((a, b) => (a.place < b.place ? -1 : 1)).at(-1)?.losing
    const latest = (newest?.offer ? lost : undefined) ?? newest?.document ?? lost ?? null
    return [
      ...(blocked === waiting.length > 0 ? [] : [`${key} is ${status} with ${waiting.length} conflicts`]),
      ...(blocked || status === expected ? [] : [`${key} is ${status}, not ${expected}`]),
      ...(type === 'playbook' || same(local, latest) ? [] : [`${key} does not show its latest write`]),
      ...(server || local || localOnly || queued.length > 0 || blocked ? [] : [`${key} is kept for nothing`]),
    ]
  })
}

function snapshot({ values, outbox, records: rows }: DiskTables): string[] {
  const { entries } = (values.get('snapshot') as InFlightBatch | undefined) ?? { entries: [] }
  const gone = entries
    .filter(({ key }) => !outbox.has(key))
    .map(({ key }) => `${key} is sent, but not queued`)
  const wrong = [...rows].flatMap(([key, { type, id, inFlight, queued }]) => {
    const sent = new Set(
      entries.filter((entry) => entry.type === type && entry.id === id).map((entry) => entry.key),
    )
    const first = queued.slice(0, inFlight)
    return sent.size === inFlight && first.every((place) => sent.has(place))
      ? []
      : [`${key} counts ${inFlight} on their way, the batch has ${sent.size}`]
  })
  return [...gone, ...wrong]
}

function hash({ records: rows, values }: DiskTables): string[] {
  const wrong = [...rows].flatMap(([key, { type, id, server, digest }]: [string, LocalRecord]) =>
    digest === (server && serverDigest(type, id, server, sha256)) ? [] : [`${key} has a wrong digest`],
  )
  const digests = [...rows.values()].flatMap(({ digest }) => digest ?? [])
  const position = values.get('position') as Position | undefined
  const expected = combineDigests(EMPTY_STATE_HASH, ...digests)
  return (position?.stateHash ?? EMPTY_STATE_HASH) === expected
    ? wrong
    : [...wrong, 'the state hash is wrong']
}

const same = (a: object | null, b: object | null): boolean =>
  a === b || (a !== null && b !== null && canonicalText(a) === canonicalText(b))
