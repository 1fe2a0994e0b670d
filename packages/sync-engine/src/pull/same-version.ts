import type { Observation, Recommendation } from '@fieldsync/contracts'
import { canonicalRecord } from '@fieldsync/domain'

type Saved = Observation | Recommendation

/** True if both have the same content: every field but status, time and correction. */
export const hasSameContent = (a: Saved, b: Saved): boolean =>
  canonicalRecord(a).contentText === canonicalRecord(b).contentText

/** True if both have the same content and status: to the rules they are one version (OBS-3, REC-4). */
export const isSameVersion = (a: Saved, b: Saved): boolean => a.status === b.status && hasSameContent(a, b)
