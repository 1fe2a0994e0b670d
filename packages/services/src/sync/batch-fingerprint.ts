import { createHash, type Hash } from 'node:crypto'

import type { SyncBatchRequest } from '@fieldsync/contracts'
import { canonicalRecord, canonicalText } from '@fieldsync/domain'

import type { CanonicalUpserts } from './working-set.ts'

/** The canonical text of every record of a batch. */
export const canonicalUpserts = (upserts: SyncBatchRequest['upserts']): CanonicalUpserts => ({
  observations: upserts.observations.map((record) => canonicalRecord(record)),
  recommendations: upserts.recommendations.map((record) => canonicalRecord(record)),
  playbookPatches: upserts.playbookPatches.map((record) => canonicalRecord(record)),
})

/**
 * SHA-256 over the RFC 8785 form of a batch (IDM rules), fed piece by piece from the texts of its records: nothing is
 * canonicalised twice, and the whole text, megabytes at times, is never put together.
 */
export function batchFingerprint(input: SyncBatchRequest, upserts: CanonicalUpserts): string {
  const { upserts: _, ...frame } = input
  const hash = createHash('sha256')
  // `upserts` sorts behind every other name of the request.
  hash.update(`${canonicalText(frame).slice(0, -1)},"upserts":{"observations":[`)
  addTexts(hash, upserts.observations)
  hash.update('],"playbookPatches":[')
  addTexts(hash, upserts.playbookPatches)
  hash.update('],"recommendations":[')
  addTexts(hash, upserts.recommendations)
  return hash.update(']}}').digest('hex')
}

function addTexts(hash: Hash, records: readonly { text: string }[]): void {
  for (const [i, { text }] of records.entries()) {
    if (i > 0) hash.update(',')
    hash.update(text)
  }
}
