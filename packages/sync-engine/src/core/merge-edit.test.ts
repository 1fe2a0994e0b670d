import { type CorrectionId, Observation, Recommendation } from '@fieldsync/contracts'
import { observation, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { editConflict, isMadeOf, likelyOf, mergeEdit } from './merge-edit.ts'
import { observationChecksum } from './observation-draft.ts'

const note = Observation.parse(observation({ notObserved: ['/extraction/severity'] }, seededRandom(1)))
const advice = Recommendation.parse(recommendation({}, seededRandom(1)))

const ofBase = 'sha256:0000000a'
const ofNewest = 'sha256:0000000b'
const base: Observation = { ...note, deterministicChecksum: ofBase }
const newest: Observation = { ...base, deterministicChecksum: ofNewest, updatedAt: '2026-02-11T19:00:00Z' }

const correction = (id: string, supersedes: string): NonNullable<Observation['correction']> => ({
  correctionId: id as CorrectionId,
  reason: 'misread',
  correctedAt: '2026-02-11T18:30:00Z',
  supersedes,
})

describe('an edit of an observation on top of the newest version', () => {
  it.each([
    ['draft', 'draft', 'draft', 'draft'],
    ['draft', 'draft', 'logged', 'logged'],
    ['draft', 'confirmed', 'draft', 'confirmed'],
    ['draft', 'confirmed', 'confirmed', 'confirmed'],
    ['draft', 'confirmed', 'logged', 'logged'],
    ['draft', 'logged', 'confirmed', 'logged'],
    ['confirmed', 'logged', 'draft', 'logged'],
    // What is untouched is as others left it, and a step back is left to the rules.
    ['logged', 'logged', 'confirmed', 'confirmed'],
    ['confirmed', 'draft', 'logged', 'draft'],
  ] as const)('[ENG-37] status: of %s set to %s, with %s meanwhile, is %s', (from, to, met, merged) => {
    const { document } = mergeEdit<Observation>(
      { ...base, status: from },
      { ...base, status: to },
      { ...newest, status: met },
    )
    expect(document.status).toBe(merged)
  })

  const ours = correction('cor_ours', ofBase)
  const theirs = correction('cor_theirs', ofBase)
  const before = correction('cor_before', 'sha256:00000009')

  it.each([
    [
      'is the edit’s own, which supersedes the newest',
      undefined,
      ours,
      theirs,
      { ...ours, supersedes: ofNewest },
    ],
    ['is the edit’s own where it supersedes something else', undefined, before, theirs, before],
    ['is the edit’s own behind an earlier one', before, ours, before, { ...ours, supersedes: ofNewest }],
    ['is the newest one’s where the edit has none', undefined, undefined, theirs, theirs],
    ['is the newest one’s where the edit has that of its base', theirs, theirs, before, before],
    ['is none where neither has one', undefined, undefined, undefined, undefined],
    ['is none where the newest has none any more', before, before, undefined, undefined],
  ])('[ENG-37] correction: %s', (_, from, to, met, merged) => {
    const { document } = mergeEdit<Observation>(
      changed(base, { correction: from }),
      changed(base, { correction: to }),
      changed(newest, { correction: met }),
    )
    expect(document.correction).toEqual(merged)
    expect('correction' in document).toBe(merged !== undefined)
  })

  it('[ENG-37] keeps its own checksum, and its own time where it has one', () => {
    const mine = { ...base, deterministicChecksum: 'sha256:0000000c', updatedAt: '2026-02-11T18:20:00Z' }
    const { document } = mergeEdit<Observation>(base, mine, newest)
    expect(document).toStrictEqual(mine)
    const { updatedAt: _none, ...undated } = mine
    expect(mergeEdit<Observation>(base, undated, newest).document).toStrictEqual(undated)
  })

  it('[ENG-37] takes a place and a transcript whole, and members of a set one by one', () => {
    const place = { lat: 1, lon: 2 }
    const transcription = { ...note.transcription, text: 'heard again' }
    const { document, clashes } = mergeEdit<Observation>(
      base,
      {
        ...base,
        location: { ...place, lon: 3 },
        transcription: { ...transcription, confidence: 0.5 },
        notObserved: [],
      },
      { ...newest, location: place, transcription, notObserved: ['/extraction/severity', '/location'] },
    )
    expect(clashes).toEqual(['/location', '/transcription'])
    expect(document).toMatchObject({ location: { lat: 1, lon: 3 }, notObserved: ['/location'] })
  })
})

describe('an edit of a recommendation on top of the newest version', () => {
  it('[ENG-37] is merged value by value, with its own time where it has one', () => {
    const { updatedAt: _none, ...undated } = advice
    const theirs = { ...advice, riskFlags: ['low_confidence' as const], updatedAt: '2026-02-11T19:00:00Z' }
    const mine = { ...undated, action: 'wait' }
    const merged = { ...undated, action: 'wait', riskFlags: ['low_confidence'] }
    expect(mergeEdit<Recommendation>(advice, mine, theirs)).toStrictEqual({ document: merged, clashes: [] })
    const dated = { ...mine, updatedAt: '2026-02-11T18:59:00Z' }
    expect(mergeEdit<Recommendation>(undated, dated, theirs)).toStrictEqual({
      document: { ...merged, updatedAt: '2026-02-11T18:59:00Z' },
      clashes: [],
    })
  })

  it('[ENG-37] takes a time window whole, and each risk flag by itself', () => {
    const { timingWindow } = advice
    const flagged = (...riskFlags: Recommendation['riskFlags']) => ({ ...advice, riskFlags })
    const { document, clashes } = mergeEdit<Recommendation>(
      flagged('low_confidence'),
      { ...flagged('low_confidence', 'high_drift_risk'), timingWindow: { ...timingWindow, confidence: 0.1 } },
      { ...flagged('manual_review_required'), timingWindow: { ...timingWindow, drivers: ['wind'] } },
    )
    expect(clashes).toEqual(['/timingWindow'])
    expect(document.riskFlags).toEqual(['manual_review_required', 'high_drift_risk'])
  })
})

describe('a write that names no base', () => {
  const checksum = observationChecksum(note, () => 'ab'.repeat(32))
  const stored: Observation = { ...note, deterministicChecksum: checksum, updatedAt: '2026-02-11T18:00:00Z' }
  const other = { rawNoteText: 'other', deterministicChecksum: ofBase }

  it.each([
    ['has its time', { ...other, updatedAt: '2026-02-11T18:00:00Z' }, true],
    [
      'has its time as another clock writes it',
      { ...other, updatedAt: '2026-02-11T19:00:00.000+01:00' },
      true,
    ],
    ['has its checksum', { rawNoteText: 'other', updatedAt: undefined }, true],
    [
      'has its checksum in capitals',
      { rawNoteText: 'other', deterministicChecksum: `sha256:${'AB'.repeat(32)}`, updatedAt: undefined },
      true,
    ],
    ['has its content', { deterministicChecksum: ofBase, updatedAt: undefined }, true],
    [
      'has its content and another time',
      { deterministicChecksum: ofBase, updatedAt: '2026-02-11T18:00:01Z' },
      true,
    ],
    ['has nothing of it', { ...other, updatedAt: '2026-02-11T18:00:01Z' }, false],
    ['has nothing of it, and no time', { ...other, updatedAt: undefined }, false],
  ])('[ENG-39] is made of the newest observation or not: it %s', (_, changes, isMade) => {
    expect(isMadeOf(changed(stored, changes), stored)).toBe(isMade)
    const capitals = { ...stored, deterministicChecksum: `sha256:${'AB'.repeat(32)}` }
    expect(isMadeOf(changed(stored, changes), capitals)).toBe(isMade)
  })

  it('[ENG-39] is not made of a version without a time because it has none either', () => {
    const undated = changed(stored, { updatedAt: undefined })
    expect(isMadeOf(changed(undated, other), undated)).toBe(false)
    expect(isMadeOf(changed(stored, other), undated)).toBe(false)
  })

  it.each([
    ['has its time', { action: 'wait' }, true],
    ['repeats it', { updatedAt: undefined }, true],
    ['repeats it later', { updatedAt: '2026-02-12T18:00:00Z' }, true],
    ['changes it', { action: 'wait', updatedAt: undefined }, false],
    ['changes it later', { action: 'wait', updatedAt: '2026-02-12T18:00:00Z' }, false],
  ])('[ENG-39] is made of the newest recommendation or not: it %s', (_, changes, isMade) => {
    expect(isMadeOf(changed(advice, changes), advice)).toBe(isMade)
  })
})

describe('what an edit meets', () => {
  const path = '/rawNoteText'
  const met = {
    message: 'What was edited was also changed meanwhile: choose one of the two versions.',
    issues: [{ path, message: 'was changed meanwhile, to another value' }],
  }

  it.each([
    ['a draft', { ...note, status: 'draft' }, 'OBSERVATION_STALE_WRITE', 'resubmit'],
    ['a confirmed note', { ...note, status: 'confirmed' }, 'OBSERVATION_CORRECTION_STALE', 'correct'],
    ['a logged note', { ...note, status: 'logged' }, 'OBSERVATION_CORRECTION_STALE', 'correct'],
    ['a pending recommendation', advice, 'RECOMMENDATION_STALE_WRITE', 'resubmit'],
    [
      'a confirmed recommendation',
      { ...advice, status: 'confirmed' },
      'RECOMMENDATION_IMMUTABLE',
      'accept_server',
    ],
    [
      'a rejected recommendation',
      { ...advice, status: 'rejected' },
      'RECOMMENDATION_IMMUTABLE',
      'accept_server',
    ],
  ] as const)('[ENG-38] in %s is named as the server would', (_, version, code, resolution) => {
    const conflict = editConflict(version, [path])
    expect(conflict).toEqual({ ...met, code, resolution })
    expect(conflict && likelyOf(conflict)).toEqual({ ...met, code, resolution })
    expect(editConflict(version, [])).toBeNull()
  })

  it('[ENG-38] where the record was deleted is a decision, and no conflict that the server would answer', () => {
    const deleted = editConflict(null, [])
    expect(deleted).toEqual({
      code: null,
      resolution: 'resubmit',
      message: 'This record was deleted meanwhile: send yours as a new one, or drop it.',
      issues: [],
    })
    expect(deleted && likelyOf(deleted)).toBeNull()
  })
})

/** A record with some fields set; `undefined` leaves one out. */
function changed<T extends object>(record: T, changes: { [K in keyof T]?: T[K] | undefined }): T {
  return Object.fromEntries(
    Object.entries({ ...record, ...changes }).filter(([, value]) => value !== undefined),
  ) as T
}
