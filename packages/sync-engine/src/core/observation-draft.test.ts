import { type CorrectionId, Observation } from '@fieldsync/contracts'
import { checksumOf, observation, seededRandom, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import {
  completeObservation,
  editTime,
  instantOf,
  readObservation,
  stampObservation,
} from './observation-draft.ts'

const NOW = Date.parse('2026-02-11T20:00:00Z')
const foreign = 'sha256:0123456789abcdef'
const note = Observation.parse(
  observation({ deterministicChecksum: foreign, updatedAt: '2026-02-11T18:00:00Z' }, seededRandom(1)),
)
const { deterministicChecksum: _sum, updatedAt: _time, ...untouched } = note

const correction = (id: string): NonNullable<Observation['correction']> => ({
  correctionId: id as CorrectionId,
  reason: 'misread',
  correctedAt: '2026-02-11T19:00:00Z',
  supersedes: foreign,
})

/** A draft as an app hands it over, completed on top of what its user saw. */
function completed(draft: Parameters<typeof readObservation>[0], edited: Observation | null) {
  const read = readObservation(draft)
  return read.ok ? completeObservation(read.observation, edited, NOW, sha256) : read
}

describe('a draft', () => {
  it('[ENG-9, ENG-10] gets a checksum of its content and the time of now, where it brings none', () => {
    expect(completed(untouched, null)).toEqual({
      ok: true,
      observation: {
        ...untouched,
        updatedAt: '2026-02-11T20:00:00.000Z',
        deterministicChecksum: checksumOf({ ...untouched, deterministicChecksum: '' }),
      },
    })
  })

  it('[ENG-9] of a first version keeps the checksum and the time that the app gives it', () => {
    expect(completed(note, null)).toEqual({ ok: true, observation: note })
  })

  it('[ENG-24] that breaks the contract is refused with its issues', () => {
    expect(completed({ ...note, rawNoteText: '' }, null)).toMatchObject({
      ok: false,
      issues: [{ path: '/rawNoteText', code: 'text_empty' }],
    })
  })

  it('[ENG-24] has no more issues than a server names of a record', () => {
    const unknown = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`color${i}`, 'red']))
    const outcome = completed({ ...note, ...unknown }, null)
    expect(outcome.ok ? [] : outcome.issues.map(({ path }) => path)).toEqual(
      Object.keys(unknown)
        .slice(0, 10)
        .map((key) => `/${key}`),
    )
  })

  it('[ENG-9] keeps the checksum of what it edits while the content is the same', () => {
    const confirmed = { ...note, status: 'confirmed' as const, deterministicChecksum: 'sha256:0000000a' }
    expect(stampObservation(confirmed, note, NOW, sha256).deterministicChecksum).toBe(foreign)
    const edited = { ...confirmed, rawNoteText: 'other' }
    expect(stampObservation(edited, note, NOW, sha256).deterministicChecksum).toBe(checksumOf(edited))
  })
})

describe('an edit of an observation', () => {
  const missing = {
    ok: false,
    issues: [
      {
        path: '/correction',
        message: 'is required: a confirmed observation changes only by a correction',
        code: 'correction_required',
      },
    ],
  }
  const other = { rawNoteText: 'other' }

  it.each([
    ['a draft that is changed', 'draft', {}, other, true],
    ['a draft that is confirmed', 'draft', {}, { status: 'confirmed' }, true],
    ['a confirmed one that is saved as it is', 'confirmed', {}, {}, true],
    ['a confirmed one that is logged', 'confirmed', {}, { status: 'logged' }, true],
    [
      'a confirmed one that is changed with a reason',
      'confirmed',
      {},
      { ...other, correction: correction('cor_a') },
      true,
    ],
    [
      'a corrected one that is changed with another reason',
      'logged',
      { correction: correction('cor_a') },
      { ...other, correction: correction('cor_b') },
      true,
    ],
    ['a confirmed one that is changed', 'confirmed', {}, other, false],
    ['a confirmed one that is changed and logged', 'confirmed', {}, { ...other, status: 'logged' }, false],
    ['a confirmed one that goes back to a draft', 'confirmed', {}, { status: 'draft' }, false],
    ['a logged one that goes back', 'logged', {}, { status: 'confirmed' }, false],
    [
      'a corrected one that is changed with the reason that it has',
      'confirmed',
      { correction: correction('cor_a') },
      { ...other, correction: correction('cor_a') },
      false,
    ],
  ] as const)('[ENG-11] takes a reason or not: %s', (_, status, seen, changes, isTaken) => {
    const edited: Observation = { ...note, status, ...seen }
    const outcome = completed({ ...edited, ...changes }, edited)
    if (isTaken) expect(outcome).toMatchObject({ ok: true, observation: changes })
    else expect(outcome).toEqual(missing)
  })
})

describe('the time of an edit', () => {
  const seen = { updatedAt: '2026-02-11T19:00:00.123456Z' }

  it.each([
    ['is now', null, {}, '2026-02-11T20:00:00.000Z'],
    ['is the one that it brings', null, { updatedAt: '2026-02-11T18:00:00Z' }, '2026-02-11T18:00:00Z'],
    ['is now where what it edits has none', {}, {}, '2026-02-11T20:00:00.000Z'],
    [
      'is the one that it brings where what it edits has none',
      {},
      { updatedAt: '2020-02-11T18:00:00Z' },
      '2020-02-11T18:00:00Z',
    ],
    ['is now, behind what it edits', seen, {}, '2026-02-11T20:00:00.000Z'],
    [
      'is the one that it brings, behind what it edits',
      seen,
      { updatedAt: '2026-02-11T19:00:00.123457Z' },
      '2026-02-11T19:00:00.123457Z',
    ],
    ['is now where it brings that of what it edits', seen, seen, '2026-02-11T20:00:00.000Z'],
    [
      'is now where it brings an earlier one',
      seen,
      { updatedAt: '2026-02-11T19:00:00.123Z' },
      '2026-02-11T20:00:00.000Z',
    ],
    [
      'is a moment later on a clock that is behind',
      { updatedAt: '2026-02-11T21:00:00.123456Z' },
      {},
      '2026-02-11T21:00:00.124Z',
    ],
    [
      'is that of what it edits where there is no later one',
      { updatedAt: '9999-12-31T23:59:59.999Z' },
      {},
      '9999-12-31T23:59:59.999Z',
    ],
  ])('[ENG-10] %s', (_, edited, edit, time) => {
    expect(editTime(NOW, edited, edit)).toBe(time)
  })

  it('[ENG-10] needs no edit that brings one', () => {
    expect(editTime(NOW, null)).toBe(instantOf(NOW))
  })
})
