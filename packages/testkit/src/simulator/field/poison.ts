import type { SyncBatchRequest } from '@fieldsync/contracts'

import type { Refused } from '../refused.ts'

const isPoisoned = (kind: string, record: object): boolean =>
  'rawNoteText' in record && String(record.rawNoteText).startsWith(`poison ${kind}`)

/** What is said to a batch with a record that only the server refuses; undefined for one without. */
export function poisonIn({ upserts }: SyncBatchRequest): Refused | undefined {
  const { observations } = upserts
  if (observations.some((each) => isPoisoned('fails', each))) return { code: 'INTERNAL_ERROR' }
  const issues = observations.flatMap((each, i) =>
    isPoisoned('refused', each)
      ? [{ path: `/upserts/observations/${i}/rawNoteText`, message: 'is not taken here' }]
      : [],
  )
  return issues.length > 0 ? { code: 'VALIDATION_ERROR', details: { issues } } : undefined
}
