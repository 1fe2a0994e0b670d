import { type CorrectionId, Observation, Recommendation, WorkspaceId } from '@fieldsync/contracts'
import type { Actor, Role } from '@fieldsync/domain'
import { observation, recommendation, seededRandom, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import {
  decideAsSystem,
  likelyConflict,
  predictObservation,
  predictRecommendation,
} from './likely-conflict.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({ updatedAt: '2026-02-11T18:00:00Z' }, random))
const advice = Recommendation.parse(recommendation({ updatedAt: '2026-02-11T18:00:00Z' }, random))
const actor = (role: Role = 'agronomist'): Actor => ({
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_test'),
  deviceId: note.deviceId,
  role,
})
const context = (role?: Role) => ({ actor: actor(role), sha256 })

const corrected: Observation = {
  ...note,
  status: 'confirmed',
  rawNoteText: 'corrected',
  deterministicChecksum: 'sha256:0000000b',
  correction: {
    correctionId: 'cor_a' as CorrectionId,
    reason: 'misread',
    correctedAt: '2026-02-11T19:00:00Z',
    supersedes: note.deterministicChecksum,
  },
}

describe('the likely conflict of an observation', () => {
  const later = { rawNoteText: 'other', updatedAt: '2026-02-11T18:00:01Z' }

  it.each([
    ['a new one', null, note, null],
    ['a later edit of a draft', note, { ...note, ...later }, null],
    ['an earlier edit of a draft', { ...note, ...later }, note, 'OBSERVATION_STALE_WRITE'],
    ['an edit of a draft without a time', { ...note, updatedAt: undefined }, { ...note, ...later }, null],
    [
      'an edit without a time of a draft',
      note,
      { ...note, ...later, updatedAt: undefined },
      'OBSERVATION_STALE_WRITE',
    ],
    [
      'a correction that is known',
      corrected,
      { ...corrected, correction: { ...corrected.correction, reason: 'r' } },
      null,
    ],
    [
      'a correction that is known with other content',
      corrected,
      { ...corrected, rawNoteText: 'otherwise', deterministicChecksum: 'sha256:0000000c' },
      'OBSERVATION_IMMUTABLE',
    ],
    ['the version before a correction', corrected, { ...note, status: 'confirmed' }, 'OBSERVATION_IMMUTABLE'],
  ] as const)('[ENG-23] is that of the rules, by what the device knows: %s', (_, current, incoming, code) => {
    const decision = predictObservation(context(), current, incoming as Observation)
    expect(likelyConflict(decision)?.code ?? null).toBe(code)
  })

  it('[ENG-23, OBS-22] of the same again is none: at most its time moves', () => {
    const again = { ...note, updatedAt: '2026-02-11T18:00:01Z' }
    expect(predictObservation(context(), note, again)).toEqual({ kind: 'duplicate', moveTime: true })
    expect(predictObservation(context(), again, note)).toEqual({ kind: 'duplicate', moveTime: false })
    const { updatedAt: _time, ...undated } = note
    expect(predictObservation(context(), undated, note)).toEqual({ kind: 'duplicate', moveTime: true })
  })

  it('[ENG-23] has all that the server would answer', () => {
    const decision = predictObservation(context(), { ...note, ...later }, note)
    expect(likelyConflict(decision)).toEqual({
      code: 'OBSERVATION_STALE_WRITE',
      resolution: 'accept_server',
      message: expect.stringContaining('draft'),
    })
  })
})

describe('the likely conflict of a recommendation', () => {
  const later = { ...advice, action: 'wait', updatedAt: '2026-02-11T18:00:01Z' }

  it.each([
    ['a new one', null, advice, note.deviceId, null],
    ['one of an observation that is not here', null, advice, undefined, 'RECOMMENDATION_ORPHAN'],
    ['a later edit', advice, later, note.deviceId, null],
    ['an earlier edit', later, advice, note.deviceId, 'RECOMMENDATION_STALE_WRITE'],
  ] as const)('[ENG-23] is that of the rules: %s', (_, current, incoming, author, code) => {
    expect(likelyConflict(predictRecommendation(context(), current, incoming, author))?.code ?? null).toBe(
      code,
    )
  })
})

describe('what the rules say to a write, whoever makes it', () => {
  it('[ENG-15] is not a matter of rights', () => {
    const later = { ...note, rawNoteText: 'other', updatedAt: '2026-02-11T18:00:01Z' }
    expect(predictObservation(context('viewer'), note, later)).toMatchObject({ code: 'FORBIDDEN' })
    expect(decideAsSystem(note, later, sha256)).toMatchObject({ kind: 'accept' })
    const wait = { ...advice, action: 'wait', updatedAt: '2026-02-11T18:00:01Z' }
    expect(predictRecommendation(context('viewer'), advice, wait, undefined)).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(decideAsSystem(advice, wait, sha256)).toMatchObject({ kind: 'accept' })
    expect(decideAsSystem(wait, advice, sha256)).toMatchObject({ code: 'RECOMMENDATION_STALE_WRITE' })
  })
})
