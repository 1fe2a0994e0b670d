import type { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'

import type { FieldValues } from './document-fields.ts'

export type EntityDocuments = {
  observation: Observation
  recommendation: Recommendation
  playbook: Playbook
  playbookPatch: PlaybookPatch
}
export type EntityType = keyof EntityDocuments
/** What a device writes; a playbook changes by patches alone. */
export type WritableType = Exclude<EntityType, 'playbook'>

/**
 * Where a record stands:
 * `synced` the server has it · `local_only` the server had it and no longer has, and nothing of it is queued · `pending` written here and not sent · `in_flight` part of the stored snapshot ·
 * `conflict` and `quarantined` wait in the conflicts table for a person.
 */
export type RecordStatus = 'synced' | 'local_only' | 'pending' | 'in_flight' | 'conflict' | 'quarantined'

/** One record with both its sides. What a person sees of it: `shownDocument`. */
export type LocalRecord<T extends EntityType = EntityType> = {
  type: T
  id: string
  /**
   * What the server is known to hold; null while it has none. Taken over only from the server's answers. Of a patch: the
   * patch as it was accepted.
   */
  server: EntityDocuments[T] | null
  /**
   * What `server` adds to the state hash (HSH-1), made of the answer as it came: keys of a newer server, which `server`
   * leaves out, count in it. Null while there is none, and for patches.
   */
  digest: string | null
  /** What was written here and the server has not taken, the latest of it; null when there is nothing of the kind. */
  local: EntityDocuments[T] | null
  status: RecordStatus
  /** When the server last acknowledged a write of this device, milliseconds on the device's clock: resent for 30 days. */
  acknowledgedAt: number | null
  /**
   * Keys of the outbox entries that wait for the server's judgement, oldest first: this record's own, or of a playbook
   * the patches on it.
   */
  queued: string[]
  /** How many of `queued`, counted from the first, are in the in-flight batch. */
  inFlight: number
  /** The number of the full pull that last confirmed `server`; 0 before the first. */
  generation: number
  /**
   * The latest version that the server once had and no longer has, which may be the last copy (ENG-41): the whole record
   * where `server` is null, else a version later than the server's. It adds nothing to the state hash (HSH-7).
   */
  localOnly?: EntityDocuments[T]
  /** Ids of the corrections that the server is known to have, oldest first. Absent without any. */
  corrections?: string[]
  /** How many corrections the server has lost for good (ENG-44): only their latest version is still on this device. */
  lostCorrections?: number
  /**
   * Fields that the device wrote and that the server lacked: they stay beside `server`, are shown, and go out with the next
   * edit (ENG-33). `updatedAt` is that of the version they belong to.
   */
  withheld?: { fields: FieldValues; updatedAt?: string | null } | undefined
  /** What the server's document holds that this build does not know, and what the server spoke then (ENG-34). */
  unknown?: { fields: FieldValues; contract: string } | undefined
  /** When it first came to this device, as a number that only counts (ENG-56); given when it is first stored. */
  arrival?: number
}

export const recordKey = (type: EntityType, id: string): string => `${type}/${id}`

/** A record that nothing is known of yet. It is never stored as it is. */
export const blankRecord = <T extends EntityType>(type: T, id: string): LocalRecord<T> => ({
  type,
  id,
  server: null,
  digest: null,
  local: null,
  status: 'synced',
  acknowledgedAt: null,
  queued: [],
  inFlight: 0,
  generation: 0,
})

/** True if the record waits for a person: nothing of it is sent meanwhile. */
export const isBlocked = ({ status }: LocalRecord): boolean =>
  status === 'conflict' || status === 'quarantined'

/** Where a record stands that does not wait for a person. */
export function openStatus({
  queued,
  inFlight,
  server,
  localOnly,
}: LocalRecord): 'in_flight' | 'pending' | 'local_only' | 'synced' {
  if (inFlight > 0) return 'in_flight'
  if (queued.length > 0) return 'pending'
  return server === null && localOnly !== undefined ? 'local_only' : 'synced'
}

/** True if there is nothing left to keep. */
export const isEmpty = (record: LocalRecord): boolean =>
  record.server === null &&
  record.local === null &&
  record.localOnly === undefined &&
  record.queued.length === 0 &&
  !isBlocked(record)

/** One local write, exactly as it will be sent. */
export type OutboxEntry<T extends WritableType = WritableType> = {
  type: T
  id: string
  document: EntityDocuments[T]
  /** Milliseconds on the device's clock; shown to people, never used for order. */
  writtenAt: number
  /** Where the write was made that this one goes on from, after it was resolved and queued again. */
  since?: string
  /** What the server had acknowledged and lost (CUR-6): it goes out also while the record waits for a person. */
  offer?: true
  /** It is not meant to apply: the server's answer says whether it still has it (ENG-62). */
  asks?: true
}

/** A write in its place of the outbox. */
export type QueuedEntry = { key: string; entry: OutboxEntry }

/** A write that was sent: what of its document went out, and exactly what was sent, with keys unknown here. */
export type SentEntry = QueuedEntry & {
  known: OutboxEntry['document']
  sent: OutboxEntry['document']
}

/** Where a write was made: its order among the writes of its record or playbook, also after it was resolved. */
export const positionOf = ({ key, entry }: QueuedEntry): string => entry.since ?? key
