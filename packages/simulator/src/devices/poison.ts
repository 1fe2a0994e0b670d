import type { SyncBatchRequest } from '@fieldsync/contracts'

import { bareRejection, refusalAnswer, type ServerAnswer } from '../server-call.ts'

const textOf = (record: object): string => ('rawNoteText' in record ? String(record.rawNoteText) : '')

const isPoisoned = (kind: string, record: object): boolean => textOf(record).startsWith(`poison ${kind}`)

/** True if it is a record that is meant to be refused for itself. */
export const isPoison = (record: object): boolean => textOf(record).startsWith('poison ')

/**
 * What is said to a batch with a record that alone is not taken, by the server or by something before it; undefined for
 * one without.
 */
export function poisonAnswer({ upserts }: SyncBatchRequest, now: number): ServerAnswer | undefined {
  const { observations } = upserts
  const blocked = observations.find((each) => isPoisoned('blocked', each))
  if (blocked) return bareRejection(textOf(blocked).endsWith('0') ? 415 : 403)
  if (observations.some((each) => isPoisoned('fails', each)))
    return refusalAnswer({ code: 'INTERNAL_ERROR' }, now, 0)
  const issues = observations.flatMap((each, i) =>
    isPoisoned('refused', each)
      ? [{ path: `/upserts/observations/${i}/rawNoteText`, message: 'is not taken here' }]
      : [],
  )
  return issues.length > 0
    ? refusalAnswer({ code: 'VALIDATION_ERROR', details: { issues } }, now, 0)
    : undefined
}
