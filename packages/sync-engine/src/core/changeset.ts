import { UNANNOUNCED_CONTRACT_VERSION } from '@fieldsync/contracts'
import {
  canonicalRecord,
  combineDigests,
  EMPTY_STATE_HASH,
  recordDigest,
  type Sha256,
} from '@fieldsync/domain'

import { arrivalKey, orderArrivals } from './arrivals.ts'
import { fieldsMissing } from './document-fields.ts'
import {
  type Contact,
  type Position,
  type QueueNumbers,
  queueNumbers,
  readMeta,
  type ServerVersion,
  writeMeta,
} from './engine-meta.ts'
import type { LocalConflict } from './local-conflict.ts'
import {
  blankRecord,
  type EntityDocuments,
  type EntityType,
  isBlocked,
  isEmpty,
  type LocalRecord,
  openStatus,
  type OutboxEntry,
  type QueuedEntry,
  recordKey,
  type WritableType,
} from './local-record.ts'
import {
  type ReadTransaction,
  sequenceKey,
  type StoreTable,
  type StoreTables,
  type WriteTransaction,
} from './local-store.ts'
import { withheldAfter } from './shown-document.ts'
import type { Wipe } from './wipe.ts'

const NEW_POSITION: Position = {
  cursor: '',
  stateHash: EMPTY_STATE_HASH,
  generation: 0,
  lastSyncAt: null,
  owner: null,
  nextArrival: 1,
}

/**
 * One change to what the device keeps. Records, outbox, conflicts and the numbers about them change together here and
 * nowhere else, so that they always agree: read once, changed in memory, written by {@link flush} in a few set-based
 * calls. Rows are replaced, never changed in place.
 */
export class Changeset {
  readonly transaction: ReadTransaction
  queue: QueueNumbers
  position: Position
  /** What is known of the server; undefined before the first contact. */
  readonly contact: Contact | undefined
  /** What the server speaks, as far as is known (ENG-31). */
  serverContract: string
  /** The device is being wiped, or was. */
  readonly wipe: Wipe | undefined
  readonly #sha256: Sha256
  readonly #asRead: string
  readonly #isUnordered: boolean
  readonly #records = new Map<string, LocalRecord | undefined>()
  readonly #changed = new Map<string, LocalRecord>()
  readonly #entries = new Map<string, OutboxEntry | undefined>()
  readonly #conflicts = new Map<string, LocalConflict | undefined>()
  readonly #changedEntries = new Set<string>()

  private constructor(
    transaction: ReadTransaction,
    sha256: Sha256,
    queue: Partial<QueueNumbers> | undefined,
    position: Position | undefined,
    contact: Contact | undefined,
    wipe: Wipe | undefined,
  ) {
    this.transaction = transaction
    this.#sha256 = sha256
    this.queue = queueNumbers(queue)
    // One of an earlier version stays without an order until it is made: a number here would say that there is one.
    this.position = { ...(position ?? NEW_POSITION) }
    this.contact = contact
    this.wipe = wipe
    this.serverContract = contact?.contract ?? UNANNOUNCED_CONTRACT_VERSION
    this.#isUnordered = position !== undefined && position.nextArrival === undefined
    this.#asRead = JSON.stringify([queue, position])
  }

  static async open(transaction: ReadTransaction, sha256: Sha256): Promise<Changeset> {
    const [queue, position, contact, wipe] = await readMeta(transaction, [
      'queue',
      'position',
      'contact',
      'wipe',
    ])
    return new Changeset(transaction, sha256, queue, position, contact, wipe)
  }

  /** Gives the records of a store of an earlier version their order, before anything is read. @param now milliseconds */
  async order(transaction: WriteTransaction, now: number): Promise<void> {
    if (this.#isUnordered) this.position.nextArrival = await orderArrivals(transaction, 1, now)
  }

  /** Reads rows that {@link record} will be asked for, in one call. */
  async load(records: Iterable<{ type: EntityType; id: string }>): Promise<void> {
    const keys = new Set<string>()
    for (const { type, id } of records) {
      const key = recordKey(type, id)
      if (!this.#records.has(key)) keys.add(key)
    }
    if (keys.size === 0) return
    const asked = [...keys]
    const found = await this.transaction.getMany('records', asked)
    for (const [i, key] of asked.entries()) this.#records.set(key, found[i])
  }

  /**
   * A record that was loaded, or a blank one.
   * @throws Error if it was not loaded: a mistake of the caller
   */
  record<T extends EntityType>(type: T, id: string): LocalRecord<T> {
    const key = recordKey(type, id)
    if (!this.#records.has(key)) throw new Error(`${key} was not loaded`)
    // A row lies under the key of its type and id.
    return (this.#records.get(key) as LocalRecord<T> | undefined) ?? blankRecord(type, id)
  }

  async read<T extends EntityType>(type: T, id: string): Promise<LocalRecord<T>> {
    await this.load([{ type, id }])
    return this.record(type, id)
  }

  put(record: LocalRecord): void {
    const key = recordKey(record.type, record.id)
    const before = this.#records.get(key)
    this.queue.localOnly += Number(record.localOnly !== undefined) - Number(before?.localOnly !== undefined)
    const changed = isBlocked(record) ? record : { ...record, status: openStatus(record) }
    this.#records.set(key, changed)
    this.#changed.set(key, changed)
  }

  /**
   * Takes over what the server holds, with the state hash.
   *
   * @param raw the server's document as it came, with keys that this version does not know
   */
  putServer<T extends EntityType>(
    type: T,
    id: string,
    server: EntityDocuments[T] | null,
    raw: object | null = server,
  ): void {
    if (server === null) this.replaceServer(type, id, { server, digest: null })
    else this.replaceServer(type, id, this.versionOf(type, id, server, raw ?? server))
  }

  /** A version that the server holds, as it came: keys that this build does not know count in the hash, and are kept. */
  versionOf<T extends EntityType>(
    type: T,
    id: string,
    server: EntityDocuments[T],
    raw: object,
  ): ServerVersion<T> {
    const digest = serverDigest(type, id, raw, this.#sha256)
    const fields = raw !== server && isSaved(type) ? fieldsMissing(raw, server) : {}
    if (Object.keys(fields).length === 0) return { server, digest }
    return { server, digest, unknown: { fields, contract: this.serverContract } }
  }

  /** As {@link putServer}, with a digest that is known already. */
  replaceServer<T extends EntityType>(
    type: T,
    id: string,
    { server, digest, unknown }: Pick<LocalRecord<T>, 'server' | 'digest' | 'unknown'>,
  ): void {
    const { withheld: _withheld, unknown: _unknown, ...before } = this.record(type, id)
    const { stateHash, generation } = this.position
    const digests = [before.digest, digest].filter((each) => each !== null)
    this.position.stateHash = combineDigests(stateHash, ...digests)
    const withheld = withheldAfter(this.record(type, id), server)
    const more = { ...(withheld && { withheld }), ...(unknown && { unknown }) }
    this.put({ ...before, server, digest, generation, ...more })
  }

  /** The entries under these places of the outbox, in their order; places without one are left out. */
  async entries(keys: readonly string[]): Promise<QueuedEntry[]> {
    const missing = keys.filter((key) => !this.#entries.has(key))
    if (missing.length > 0) {
      const found = await this.transaction.getMany('outbox', missing)
      for (const [i, key] of missing.entries()) this.#entries.set(key, found[i])
    }
    return keys.flatMap((key) => {
      const entry = this.#entries.get(key)
      return entry === undefined ? [] : [{ key, entry }]
    })
  }

  /**
   * Puts a write at the end of the outbox; its record, and the playbook of a patch, must be loaded.
   * @returns its place
   */
  enqueue(entry: OutboxEntry): string {
    const key = sequenceKey(this.queue.nextSequence++)
    this.#putEntry(key, entry)
    this.queue.pending++
    const record = this.record<EntityType>(entry.type, entry.id)
    // What a person wrote and has yet to decide on stays what is seen, whatever is resent before it.
    const local = entry.offer && isBlocked(record) ? record.local : entry.document
    this.put({ ...record, local, queued: [...record.queued, key] })
    const playbook = this.#playbookOf(entry)
    if (playbook) this.put({ ...playbook, queued: [...playbook.queued, key] })
    return key
  }

  /** Replaces a queued write that was read, in its place and in the order of where it was made. */
  replaceEntry(key: string, entry: OutboxEntry): void {
    this.queue.replaced = (this.queue.replaced ?? 0) + 1
    const since = this.#entries.get(key)?.since
    this.#putEntry(key, since === undefined ? entry : { ...entry, since })
    const record = this.record<EntityType>(entry.type, entry.id)
    if (record.queued.at(-1) === key) this.put({ ...record, local: entry.document })
  }

  /** Takes a write out of the outbox: it was decided on, or became something else. `local` is left to the caller. */
  dequeue(key: string, entry: OutboxEntry): void {
    this.#putEntry(key, undefined)
    this.queue.pending--
    this.put(withoutQueued(this.record<EntityType>(entry.type, entry.id), key))
    const playbook = this.#playbookOf(entry)
    if (playbook) this.put(withoutQueued(playbook, key))
  }

  #nextArrival(): number {
    const arrival = this.position.nextArrival ?? 1
    this.position.nextArrival = arrival + 1
    return arrival
  }

  #putEntry(key: string, entry: OutboxEntry | undefined): void {
    this.#entries.set(key, entry)
    this.#changedEntries.add(key)
  }

  #playbookOf(entry: OutboxEntry): LocalRecord<'playbook'> | undefined {
    return 'patchId' in entry.document ? this.record('playbook', entry.document.playbookId) : undefined
  }

  /**
   * Lays a write aside for a person; the record, and the playbook of a patch, send nothing until it is resolved. Where the
   * record shows nothing of this device it shows the losing value; else the caller has seen to it (ENG-58).
   */
  addConflict(conflict: DistributiveOmit<LocalConflict, 'id'>): LocalConflict {
    const kind = conflict.kind === 'quarantine' ? 'quarantine' : 'conflict'
    const place = sequenceKey(this.queue.nextSequence++)
    const id = `${kind}/${recordKey(conflict.type, conflict.entityId)}/${place}`
    const parked = { ...conflict, id }
    this.#conflicts.set(id, parked)
    if (kind === 'quarantine') this.queue.quarantined++
    else this.queue.conflicts++
    const status = kind === 'quarantine' ? 'quarantined' : 'conflict'
    const record = this.record<EntityType>(conflict.type, conflict.entityId)
    this.put({ ...record, status, local: record.local ?? conflict.losing })
    if ('patchId' in conflict.losing) {
      this.put({ ...this.record('playbook', conflict.losing.playbookId), status })
    }
    return parked
  }

  /** Replaces the losing value of a conflict, as a rename does. */
  replaceConflict(conflict: LocalConflict): void {
    this.#conflicts.set(conflict.id, conflict)
  }

  /** Forgets a conflict that is being resolved; see `releaseRecord` for its record. */
  removeConflict({ id, kind }: LocalConflict): void {
    this.#conflicts.set(id, undefined)
    if (kind === 'quarantine') this.queue.quarantined--
    else this.queue.conflicts--
  }

  /** Open conflicts and quarantined writes of a record, or of a type, in the order in which the writes were made. */
  async conflictsOf(type: WritableType, id?: string): Promise<LocalConflict[]> {
    const below = id === undefined ? `${type}/` : `${recordKey(type, id)}/`
    const found = new Map<string, LocalConflict | undefined>()
    for (const kind of ['conflict', 'quarantine']) {
      const prefix = `${kind}/${below}`
      for (const [key, conflict] of await this.transaction.list('conflicts', { prefix })) {
        found.set(key, conflict)
      }
      for (const [key, conflict] of this.#conflicts) if (key.startsWith(prefix)) found.set(key, conflict)
    }
    return [...found.values()]
      .filter((conflict) => conflict !== undefined)
      .sort((a, b) => (a.place < b.place ? -1 : 1))
  }

  /** Writes everything that changed. */
  async flush(transaction: WriteTransaction): Promise<void> {
    const rows: [string, LocalRecord | undefined][] = []
    const arrivals: [string, string | undefined][] = []
    for (const [key, record] of this.#changed) {
      const isGone = isEmpty(record)
      if (isGone && record.arrival !== undefined)
        arrivals.push([arrivalKey(record.type, record.arrival), undefined])
      if (isGone) rows.push([key, undefined])
      else if (record.arrival !== undefined) rows.push([key, record])
      else {
        const arrival = this.#nextArrival()
        arrivals.push([arrivalKey(record.type, arrival), record.id])
        rows.push([key, { ...record, arrival }])
      }
    }
    await writeRows(transaction, 'records', rows)
    await writeRows(transaction, 'values', arrivals)
    const entries = [...this.#changedEntries].map((key) => [key, this.#entries.get(key)] as const)
    await writeRows(transaction, 'outbox', entries)
    await writeRows(transaction, 'conflicts', [...this.#conflicts])
    // A look that changed nothing must not wake the other tabs.
    if (this.#asRead === JSON.stringify([this.queue, this.position])) return
    await writeMeta(transaction, 'queue', this.queue)
    await writeMeta(transaction, 'position', this.position)
  }
}

/** Playbooks change by patches alone, and patches never: nothing of theirs has to be kept for an edit. */
const isSaved = (type: EntityType): boolean => type === 'observation' || type === 'recommendation'

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

function withoutQueued<T extends EntityType>(record: LocalRecord<T>, key: string): LocalRecord<T> {
  const at = record.queued.indexOf(key)
  if (at < 0) return record
  const inFlight = at < record.inFlight ? record.inFlight - 1 : record.inFlight
  return { ...record, queued: record.queued.toSpliced(at, 1), inFlight }
}

async function writeRows<T extends StoreTable>(
  transaction: WriteTransaction,
  table: T,
  rows: readonly (readonly [key: string, row: StoreTables[T] | undefined])[],
): Promise<void> {
  const stored: [string, StoreTables[T]][] = []
  const gone: string[] = []
  for (const [key, row] of rows) {
    if (row === undefined) gone.push(key)
    else stored.push([key, row])
  }
  if (stored.length > 0) await transaction.putMany(table, stored)
  if (gone.length > 0) await transaction.delete(table, gone)
}

/** What a record of the server adds to the state hash (HSH-1); patches add nothing, what they did is in the playbook. */
export function serverDigest(type: EntityType, id: string, record: object, sha256: Sha256): string | null {
  return type === 'playbookPatch' ? null : recordDigest(type, id, canonicalRecord(record), sha256)
}
