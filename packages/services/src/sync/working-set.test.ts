import { parseSyncBatch } from '@fieldsync/contracts'
import {
  observation,
  playbookPatch,
  recommendation,
  syncBatch,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { nothingStored } from './working-set.ts'

function guess(overrides: SyncBatchOverrides) {
  const parsed = parseSyncBatch(syncBatch(overrides))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  return nothingStored(parsed.value.upserts)
}

const note = observation()
const { observationId } = note
const correction = {
  correctionId: 'cor_1',
  reason: 'Looked again',
  correctedAt: '2026-02-12T06:00:00Z',
  supersedes: 'sha256:aaaaaaaa',
}

it('new records that rest on nothing else are taken for unknown without a look, each id once', () => {
  const one = recommendation({ observationId })
  expect(guess({ observations: [note, note], recommendations: [one, one] })).toEqual({
    asked: { observation: [observationId], recommendation: [one.recommendationId], playbook: [] },
    observationRows: [],
    correctionRows: [],
    recommendationRows: [],
    playbookRows: [],
    patchRows: [],
    grants: [],
    erased: new Set(),
  })
})

it.each([
  ['a patch', { observations: [note], playbookPatches: [playbookPatch()] }],
  ['a correction', { observations: [note, observation({ correction, status: 'confirmed' })] }],
  [
    'a recommendation on an observation that came before',
    { observations: [note], recommendations: [recommendation({ observationId }), recommendation()] },
  ],
])('%s is decided on what is stored', (_, overrides) => {
  expect(guess(overrides)).toBeUndefined()
})
