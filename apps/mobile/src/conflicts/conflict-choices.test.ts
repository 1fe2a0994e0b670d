import { CONFLICT_CODES, type ConflictCode, Observation, type SyncConflict } from '@fieldsync/contracts'
import { CONFLICT_TABLE } from '@fieldsync/domain'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { choicesOf } from './conflict-choices.ts'

const mine = Observation.parse(observation({}, seededRandom(8)))
const base = { id: 'c', entityId: mine.observationId, losing: mine, foundAt: 0, place: '1' } as const

function conflictOf(code: ConflictCode, withServer: boolean): LocalConflict {
  const { entityTypes, resolutions } = CONFLICT_TABLE[code]
  const conflict: SyncConflict = {
    entityType: entityTypes[0],
    entityId: mine.observationId,
    code,
    message: '',
    conflictId: 'x' as SyncConflict['conflictId'],
    resolution: resolutions[0],
    ...(withServer && { server: { updatedAt: mine.createdAt, record: mine } }),
  }
  return { ...base, type: entityTypes[0], kind: 'server', conflict }
}

describe('what a conflict allows', () => {
  it.each(CONFLICT_CODES)('%s: what the protocol names, and always to give up', (code) => {
    for (const withServer of [true, false]) {
      const choices = choicesOf(conflictOf(code, withServer))
      for (const resolution of CONFLICT_TABLE[code].resolutions) expect(choices).toContain(resolution)
      expect(choices.some((choice) => choice === 'discard' || choice === 'accept_server')).toBe(true)
      expect(new Set(choices).size).toBe(choices.length)
    }
  })

  it('begins with what the server proposes', () => {
    expect(choicesOf(conflictOf('OBSERVATION_IMMUTABLE', true))).toEqual(['correct', 'accept_server'])
    expect(choicesOf(conflictOf('OBSERVATION_STALE_WRITE', true))).toEqual(['accept_server'])
    expect(choicesOf(conflictOf('PLAYBOOK_VERSION_MISMATCH', false))).toEqual(['rebase', 'discard'])
  })

  it('opens a refused write for repair, but not one that a person did not write', () => {
    const quarantined: LocalConflict = { ...base, type: 'observation', kind: 'quarantine', issues: [] }
    expect(choicesOf(quarantined)).toEqual(['fix', 'discard'])
    expect(choicesOf({ ...quarantined, type: 'recommendation' })).toEqual(['discard'])
  })

  it('has nothing to accept where the record was deleted', () => {
    const deleted = {
      ...base,
      type: 'observation',
      kind: 'local',
      server: null,
      code: null,
      message: '',
    } as const
    expect(choicesOf({ ...deleted, resolution: 'resubmit' })).toEqual(['resubmit', 'discard'])
  })
})
