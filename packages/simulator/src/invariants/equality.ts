import { isDeepStrictEqual } from 'node:util'

import { canonicalRecord } from '@fieldsync/domain'

/** The same JSON, whatever the order of its members. */
export const isSame = (a: object | undefined, b: object | undefined): boolean => isDeepStrictEqual(a, b)

/** The same content: every field but status, updatedAt and correction. */
export const hasSameContent = (a: object, b: object): boolean =>
  isSame(a, b) || canonicalRecord(a).contentText === canonicalRecord(b).contentText
