import { canonicalRecord, combineDigests, type HashedType, recordDigest } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { ModelWorkspace } from './model-state.ts'

// A document is replaced and never changed, so its digest is made once.
const digests = new WeakMap<object, string>()

/** The hash of every current record, each time combined from the start (HSH-1). */
export function stateHashOf({ observations, recommendations, playbooks }: ModelWorkspace): string {
  return combineDigests(
    ...[...observations].map(([id, { record }]) => digest('observation', id, record)),
    ...[...recommendations].map(([id, { record }]) => digest('recommendation', id, record)),
    ...[...playbooks].map(([id, { document }]) => digest('playbook', id, document)),
  )
}

function digest(type: HashedType, id: string, record: object): string {
  const known = digests.get(record)
  if (known !== undefined) return known
  const made = recordDigest(type, id, canonicalRecord(record), sha256)
  digests.set(record, made)
  return made
}
