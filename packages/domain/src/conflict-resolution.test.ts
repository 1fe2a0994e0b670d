import { readFile } from 'node:fs/promises'

import { CONFLICT_CODES, ConflictResolution } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { CONFLICT_TABLE } from './conflict-resolution.ts'

const PROTOCOL = await readFile(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const SECTIONS = {
  Observation: 'observation',
  Recommendation: 'recommendation',
  'Playbook patch': 'playbookPatch',
}

type Row = { entityTypes: Set<string>; resolutions: Set<string> }

/** What the conflict tables of the protocol give each code: which records it is about, and its resolutions. */
function tablesOfTheProtocol(): Record<string, Row> {
  const found: Record<string, Row> = {}
  const rules = PROTOCOL.slice(PROTOCOL.indexOf('## Conflict rules'))
  for (const [title, entityType] of Object.entries(SECTIONS)) {
    const [, section = ''] = rules.split(`### ${title}\n`)
    const outcomes = section
      .slice(0, section.indexOf('\n#'))
      .matchAll(/`([A-Z_]+)`, resolution `(\w+)`(?:; none stored: `(\w+)`)?/g)
    for (const [, code = '', ...resolutions] of outcomes) {
      const row = (found[code] ??= { entityTypes: new Set(), resolutions: new Set() })
      row.entityTypes.add(entityType)
      for (const resolution of resolutions) if (resolution) row.resolutions.add(resolution)
    }
  }
  return found
}

it('[CNF-1] every code has the records and the resolutions that the protocol gives it', () => {
  const table = Object.entries(CONFLICT_TABLE).map(([code, { entityTypes, resolutions }]) => [
    code,
    { entityTypes: new Set(entityTypes), resolutions: new Set(resolutions) },
  ])
  expect(Object.fromEntries(table)).toEqual(tablesOfTheProtocol())
})

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
