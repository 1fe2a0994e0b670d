import { canonicalRecord, recordDigest, type Sha256 } from '@fieldsync/domain'

import type { EntityType } from './local-record.ts'

/** What a record of the server adds to the state hash (HSH-1); patches add nothing, what they did is in the playbook. */
export function serverDigest(type: EntityType, id: string, record: object, sha256: Sha256): string | null {
  return type === 'playbookPatch' ? null : recordDigest(type, id, canonicalRecord(record), sha256)
}
