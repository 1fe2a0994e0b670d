import { canonicalRecord, combineDigests, type HashedType, recordDigest } from '@fieldsync/domain'

import { sha256 } from '../sha256.ts'

/** The hash of every current record, each time made from the start (HSH-1). */
export function stateHashOf(current: {
  observations: Iterable<readonly [string, { record: object }]>
  recommendations: Iterable<readonly [string, { record: object }]>
  playbooks: Iterable<readonly [string, object]>
}): string {
  const digests = (type: HashedType, records: Iterable<readonly [string, object]>): string[] =>
    [...records].map(([id, record]) => recordDigest(type, id, canonicalRecord(record), sha256))
  const recordsOf = (stored: Iterable<readonly [string, { record: object }]>) =>
    [...stored].map(([id, { record }]) => [id, record] as const)
  return combineDigests(
    ...digests('observation', recordsOf(current.observations)),
    ...digests('recommendation', recordsOf(current.recommendations)),
    ...digests('playbook', current.playbooks),
  )
}
