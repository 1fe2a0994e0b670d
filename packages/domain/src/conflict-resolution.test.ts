import { CONFLICT_CODES, ConflictResolution } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { CONFLICT_TABLE } from './conflict-resolution.ts'

it('[CNF-1] every code has its resolutions, and every resolution its codes', () => {
  expect(Object.keys(CONFLICT_TABLE).toSorted()).toEqual([...CONFLICT_CODES].toSorted())
  const used = new Set(Object.values(CONFLICT_TABLE).flatMap((row) => row.resolutions))
  expect([...used].toSorted()).toEqual(ConflictResolution.options.toSorted())
})

it('[CNF-1] a code is about the records in its name', () => {
  for (const [code, { entityTypes }] of Object.entries(CONFLICT_TABLE)) {
    if (code.startsWith('OBSERVATION_')) expect(entityTypes).toEqual(['observation'])
    if (code.startsWith('RECOMMENDATION_')) expect(entityTypes).toEqual(['recommendation'])
    if (/^(PATCH|PLAYBOOK)_/.test(code)) expect(entityTypes).toEqual(['playbookPatch'])
  }
})
