import { fieldsLackedBy, type SyncBatchRequest, type ValidationIssue } from '@fieldsync/contracts'
import { parsePointer, valueAt } from '@fieldsync/domain'

/** What a server of an older contract version finds wrong with a batch: keys that it does not know (SHP-1). */
export function newerKeys(
  { upserts, report }: Pick<SyncBatchRequest, 'upserts' | 'report'>,
  contract: string,
): ValidationIssue[] {
  const found = (shape: Parameters<typeof fieldsLackedBy>[0], document: object, at: string) =>
    fieldsLackedBy(shape, contract)
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
