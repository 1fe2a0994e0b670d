import {
  fieldsLackedBy,
  type SentShape,
  type SyncBatchRequest,
  UNANNOUNCED_CONTRACT_VERSION,
  type ValidationIssue,
} from '@fieldsync/contracts'
import { parsePointer, valueAt } from '@fieldsync/domain'

/** What a server that announces no contract does not know of a batch. */
export function laterFields({ upserts, report }: SyncBatchRequest): ValidationIssue[] {
  const found = (shape: SentShape, document: object, at: string) =>
    fieldsLackedBy(shape, UNANNOUNCED_CONTRACT_VERSION)
      .filter((pointer) => valueAt(document, parsePointer(pointer) ?? [])?.value !== undefined)
      .map((pointer) => ({ path: `${at}${pointer}`, message: 'is not a known key' }))
  return [
    ...found('report', report ?? {}, '/report'),
    ...upserts.observations.flatMap((each, i) => found('observation', each, `/upserts/observations/${i}`)),
    ...upserts.recommendations.flatMap((each, i) =>
      found('recommendation', each, `/upserts/recommendations/${i}`),
    ),
  ]
}
