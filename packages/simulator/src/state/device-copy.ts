import type { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import type { LocalStore, StoreTable, StoreTables } from '@fieldsync/sync-engine'
import type { MemoryDisk } from '@fieldsync/sync-engine/stores/memory'

export type WrittenDocument = Observation | Recommendation | PlaybookPatch

/** What a device keeps, as far as the guarantees are about it. */
export type DeviceCopy = {
  device: string
  workspaceId: string
  /** What it knows the server to hold, by `<type>/<id>`. */
  server: Map<string, Observation | Recommendation | Playbook>
  /** Writes that the server has not decided on yet. */
  queued: WrittenDocument[]
  /** Values of writes that wait for a person: refused, overtaken or quarantined. */
  losing: WrittenDocument[]
  /** Keys `<type>/<id>` of the records that a person sees; patches are not among them. */
  shown: ReadonlySet<string>
  /** Keys of the records of which a version is only on it (ENG-41). */
  localOnly: ReadonlySet<string>
  /** How many those are by its own count. */
  countedLocalOnly: number
}

/** Reads what the guarantees are about out of a device's store, in one view. */
export function readDeviceCopy(store: LocalStore, device: string, workspaceId: string): Promise<DeviceCopy> {
  return store.read(async (transaction) => {
    const records = await transaction.list('records')
    const outbox = await transaction.list('outbox')
    const conflicts = await transaction.list('conflicts')
    const queue = await transaction.get('values', 'queue')
    return deviceCopyOf({ records, outbox, conflicts, queue }, device, workspaceId)
  })
}

type Entries<T extends keyof StoreTables> = readonly (readonly [key: string, value: StoreTables[T]])[]

/** The same of what was read already. */
export function deviceCopyOf(
  stored: {
    readonly records: Entries<'records'>
    readonly outbox: Entries<'outbox'>
    readonly conflicts: Entries<'conflicts'>
    /** The value `queue`. */
    readonly queue: StoreTables['values'] | undefined
  },
  device: string,
  workspaceId: string,
): DeviceCopy {
  const queue = stored.queue as { localOnly?: number } | undefined
  const server: DeviceCopy['server'] = new Map()
  const shown = new Set<string>()
  const localOnly = new Set<string>()
  for (const [key, record] of stored.records) {
    if (record.localOnly) localOnly.add(key)
    if (record.type !== 'playbookPatch' && (record.local ?? record.server ?? record.localOnly)) shown.add(key)
    // A patch is an event: it is held by the playbook that it made.
    if (record.server !== null && !('patchId' in record.server)) server.set(key, record.server)
  }
  return {
    device,
    workspaceId,
    server,
    queued: stored.outbox.map(([, { document }]) => document),
    losing: stored.conflicts.map(([, { losing }]) => losing),
    shown,
    localOnly,
    countedLocalOnly: queue?.localOnly ?? 0,
  }
}

/**
 * Reads what is committed on a disk, past the stores that are open on it. A value whose text is as it was at the last
 * reading is the same object again, so that what was worked out for it stays known; it must not be changed.
 */
export class CommittedValues {
  readonly #disk: MemoryDisk
  readonly #read = new Map<StoreTable, Map<string, { readonly text: string; readonly value: unknown }>>()

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  /** All of a table, in the order of its keys. */
  list<T extends StoreTable>(table: T): [key: string, value: StoreTables[T]][] {
    const before = this.#read.get(table)
    const now = new Map<string, { text: string; value: unknown }>()
    this.#read.set(table, now)
    return (this.#disk.tables.get(table)?.entries() ?? []).map(([key, text]) => {
      const known = before?.get(key)
      const entry = known?.text === text ? known : { text, value: JSON.parse(text) as unknown }
      now.set(key, entry)
      // Only the table's own type is put into it.
      return [key, entry.value as StoreTables[T]]
    })
  }
}
