import { canonicalRecord, combineDigests, type HashedType, recordDigest } from '@fieldsync/domain'

import { sha256 } from '../sha256.ts'
import type { ModelWorkspace } from './model-state.ts'

/** The hash of every current record, each time made from the start (HSH-1). */
export function stateHashOf({ observations, recommendations, playbooks }: ModelWorkspace): string {
  const digest = (type: HashedType, id: string, record: object): string =>
    recordDigest(type, id, canonicalRecord(record), sha256)
  return combineDigests(
    ...[...observations].map(([id, { record }]) => digest('observation', id, record)),
    ...[...recommendations].map(([id, { record }]) => digest('recommendation', id, record)),
    ...[...playbooks].map(([id, { document }]) => digest('playbook', id, document)),
  )
}
