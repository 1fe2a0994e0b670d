import type { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'

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
 * `synced` the server has it · `pending` written here and not sent · `in_flight` part of the stored snapshot ·
 * `conflict` and `quarantined` wait in the conflicts table for a person.
 */
export type RecordStatus = 'synced' | 'pending' | 'in_flight' | 'conflict' | 'quarantined'

/** One record with both its sides. What a person sees is `local ?? server`. */
export type LocalRecord<T extends EntityType = EntityType> = {
  type: T
  id: string
  /** What the server is known to hold; null while it has none. Taken over only from the server's answers. */
  server: EntityDocuments[T] | null
  /** What was written here and the server has not taken; null when there is nothing of the kind. */
  local: EntityDocuments[T] | null
  status: RecordStatus
  /** When the server last acknowledged a write of this device, milliseconds on the device's clock: offered again for 30 days. */
  acknowledgedAt: number | null
}

export const recordKey = (type: EntityType, id: string): string => `${type}/${id}`
