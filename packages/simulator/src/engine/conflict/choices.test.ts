import { CONFLICT_CODES, type ConflictCode, Observation, type SyncConflict } from '@fieldsync/contracts'
import { CONFLICT_TABLE } from '@fieldsync/domain'
import { type LocalConflict, conflictChoices } from '@fieldsync/sync-engine'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

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
      const choices = conflictChoices(conflictOf(code, withServer))
      for (const resolution of CONFLICT_TABLE[code].resolutions) expect(choices).toContain(resolution)
      expect(choices.some((choice) => choice === 'discard' || choice === 'accept_server')).toBe(true)
      expect(new Set(choices).size).toBe(choices.length)
    }
  })

  it('begins with what the server proposes', () => {
    expect(conflictChoices(conflictOf('OBSERVATION_IMMUTABLE', true))).toEqual(['correct', 'accept_server'])
    expect(conflictChoices(conflictOf('OBSERVATION_STALE_WRITE', true))).toEqual(['accept_server'])
    expect(conflictChoices(conflictOf('PLAYBOOK_VERSION_MISMATCH', false))).toEqual(['rebase', 'discard'])
  })

  it('[ENG-12, ENG-55] opens a rejected write for repair, but not one that a person did not write', () => {
    const quarantined: LocalConflict = { ...base, type: 'observation', kind: 'quarantine', issues: [] }
    expect(conflictChoices(quarantined)).toEqual(['fix', 'resubmit', 'discard'])
    expect(conflictChoices({ ...quarantined, type: 'recommendation' })).toEqual(['resubmit', 'discard'])
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
    expect(conflictChoices({ ...deleted, resolution: 'resubmit' })).toEqual(['resubmit', 'discard'])
  })
})

describe('a choice', () => {
  it('[ENG-17, CNF-10] of a new id is carried out by its name, named as what it is, and reported', async () => {
    const { server, anna, ben } = await testWorld()
    const { observationId } = await anna.saved()
    await anna.sync()
    await ben.saved({ observationId })
    await ben.sync()
    const [conflict] = await ben.engine.conflicts()
    const renamed = await ben.engine.resolve.by(conflict?.id ?? '', 'rename')
    expect(renamed).toMatchObject({ ok: true, record: { type: 'observation' } })
    expect(ben.eventsOf('resolved')).toMatchObject([{ resolution: 'rename' }])
    await ben.sync()
    expect(server.reports.at(-1)?.resolved).toMatchObject([{ resolution: 'rename' }])
    expect(server.size).toBe(3)
    expect(ben.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-17] is carried out by its name, and refused where the conflict does not allow it or its input is missing', async () => {
    const { server, anna } = await testWorld()
    const { observationId } = await anna.saved()
    anna.link.instead = ({ body }) =>
      body.includes(observationId)
        ? server.refuse('VALIDATION_ERROR', {
            issues: [{ path: '/upserts/observations/0/rawNoteText', message: 'is not taken here' }],
          })
        : null
    await anna.sync()
    const [conflict] = await anna.engine.conflicts()
    if (!conflict) throw new Error('nothing was quarantined')
    const { resolve } = anna.engine
    expect(await resolve.by(conflict.id, 'rename')).toMatchObject({ ok: false })
    expect(await resolve.by(conflict.id, 'fix')).toMatchObject({ ok: false })
    expect(await anna.engine.conflicts()).toHaveLength(1)
    expect(await resolve.by(conflict.id, 'discard')).toMatchObject({
      ok: true,
      record: { id: observationId },
    })
    expect(await resolve.by(conflict.id, 'discard')).toMatchObject({ ok: false })
    expect(await anna.engine.conflicts()).toEqual([])
  })
})
