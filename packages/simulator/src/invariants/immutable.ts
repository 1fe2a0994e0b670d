import { OBSERVATION_STATUSES } from '@fieldsync/contracts'
import { canonicalRecord } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { WorkspaceState } from '../state/workspace-state.ts'
import { hasSameContent } from './equality.ts'

/**
 * G5: what was confirmed has the content it had, or that of a correction which came since; status never goes back; a
 * decided recommendation stays as it is. For two states of one history.
 */
export function immutable(before: WorkspaceState, after: WorkspaceState): string[] {
  const since = after.corrections.slice(before.corrections.length)
  const observations = [...before.observations].flatMap(([id, { record }]) => {
    const now = after.observations.get(id)?.record
    if (record.status === 'draft' || !now) return []
    const back = OBSERVATION_STATUSES.indexOf(now.status) < OBSERVATION_STATUSES.indexOf(record.status)
    const content = sha256(canonicalRecord(now).contentText)
    const corrected = since.some((each) => each.observationId === id && each.contentSha256 === content)
    return [
      ...(back ? [`${id} went back from ${record.status} to ${now.status}`] : []),
      ...(corrected || hasSameContent(now, record)
        ? []
        : [`${id} was confirmed and changed without a correction`]),
    ]
  })
  const recommendations = [...before.recommendations].flatMap(([id, { record }]) => {
    const now = after.recommendations.get(id)?.record
    if (record.status === 'pending_confirmation' || !now) return []
    return now.status === record.status && hasSameContent(now, record)
      ? []
      : [`${id} was decided and changed`]
  })
  return [...observations, ...recommendations]
}
