import { parseSyncBatch } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'
import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { batchFingerprint, canonicalUpserts } from './batch-fingerprint.ts'

const batches = {
  'with records of every kind': syncBatch({
    observations: [observation(), observation()],
    recommendations: [recommendation(), recommendation()],
    playbookPatches: [playbookPatch(), playbookPatch()],
    maxDownstream: 7,
    report: { pending: 1, conflicts: 0, quarantined: 0 },
  }),
  'with one record': syncBatch({ observations: [observation()] }),
  'without records': syncBatch(),
}

it.each(Object.entries(batches))(
  '[IDM-2] the fingerprint of a batch %s is SHA-256 over its RFC 8785 form',
  (_, batch) => {
    const parsed = parseSyncBatch(batch)
    if (!parsed.ok) throw new Error('the batch keeps the contract')
    const { value } = parsed
    expect(batchFingerprint(value, canonicalUpserts(value.upserts))).toBe(sha256(canonicalText(value)))
  },
)
