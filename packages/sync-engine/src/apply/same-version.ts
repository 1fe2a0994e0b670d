import type { Observation, Recommendation } from '@fieldsync/contracts'
import { canonicalRecord } from '@fieldsync/domain'

/** True if both have the same content and status: to the rules they are one version (OBS-3, REC-4). */
export const isSameVersion = (a: Observation | Recommendation, b: Observation | Recommendation): boolean =>
  a.status === b.status && canonicalRecord(a).contentText === canonicalRecord(b).contentText
