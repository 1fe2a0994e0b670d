import type { EntityType, LocalRecord } from './local-record.ts'

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
