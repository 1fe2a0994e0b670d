import { type CorrectionId, Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { blankRecord, type LocalRecord, type OutboxEntry } from './local-record.ts'
import { formsOf, outgoing, withheldOf } from './outgoing-document.ts'

const random = seededRandom(1)
const location = { lat: 1, lon: 2, source: 'gps' as const, accuracyM: 4 }
const note = Observation.parse(observation({ location, notObserved: ['/extraction/severity'] }, random))
const { notObserved: _newer, ...rest } = note
/** The note as a server of 1.3.0 knows it. */
const older: Observation = { ...rest, location: { lat: 1, lon: 2 } }
const advice = Recommendation.parse(recommendation({}, random))
const patch = PlaybookPatch.parse(playbookPatch({}, random))

const entryOf = (document: Observation): OutboxEntry => ({
  type: 'observation',
  id: document.observationId,
  document,
  writtenAt: 1,
})
const record = (more: Partial<LocalRecord> = {}): LocalRecord => ({
  ...blankRecord('observation', note.observationId),
  ...more,
})
const correction = (id: string): NonNullable<Observation['correction']> => ({
  correctionId: id as CorrectionId,
  reason: 'misread',
  correctedAt: '2026-02-11T19:00:00Z',
  supersedes: note.deterministicChecksum,
})

describe('what goes out of a write', () => {
  it('[ENG-32] lacks the fields that the server does not know', () => {
    const entry = entryOf(note)
    expect(outgoing(entry, record(), '1.3.0')).toEqual({ known: older, sent: older })
    const whole = outgoing(entry, record(), '1.4.0')
    expect(whole.known).toBe(note)
    expect(whole.sent).toBe(note)
  })

  const unknown = { fields: { '/mood': 'good' }, contract: '9.1.0' }

  it.each([
    ['that delivered them', '9.1.0', true],
    ['newer than the one that delivered them', '9.2.0', true],
    ['older than the one that delivered them', '9.0.0', false],
    ['of this build', '1.6.0', false],
    ['older than this build', '1.3.0', false],
  ])(
    '[ENG-34] has the keys that this build does not know, or not, toward a server %s',
    (_, contract, hasThem) => {
      const { known, sent } = outgoing(entryOf(older), record({ unknown }), contract)
      expect(known).toBe(older)
      expect(sent).toEqual(hasThem ? { ...older, mood: 'good' } : older)
    },
  )

  it('[ENG-34] is the whole note toward a newer server where all of it is known', () => {
    expect(outgoing(entryOf(note), record(), '9.1.0').sent).toBe(note)
  })

  it('[ENG-34] keeps to itself what a server as old as this build has delivered', () => {
    const { sent } = outgoing(entryOf(older), record({ unknown: { ...unknown, contract: '1.6.0' } }), '1.6.0')
    expect(sent).toBe(older)
  })

  const withheld = { fields: { '/notObserved': ['/extraction/severity'] }, updatedAt: null }
  const confirmed: Observation = { ...note, status: 'confirmed' }
  const corrected: Observation = { ...confirmed, correction: correction('cor_a') }

  it.each([
    ['a version that is no draft waits for a correction', { withheld, server: confirmed }, confirmed, false],
    [
      'a corrected version waits for another correction',
      { withheld, server: corrected },
      { ...corrected, status: 'logged' },
      false,
    ],
    ['a correction takes it along', { withheld, server: confirmed }, corrected, true],
    [
      'a further correction takes it along',
      { withheld, server: corrected },
      { ...corrected, correction: correction('cor_b') },
      true,
    ],
    ['an edit of a draft takes it along', { withheld, server: note }, confirmed, true],
    ['a first version takes it along', { withheld, server: null }, confirmed, true],
    ['what was withheld of nothing goes', { server: confirmed }, confirmed, true],
  ] as const)('[ENG-33, OBS-9] what the server was not given before: %s', (_, more, document, goes) => {
    const { notObserved: _held, ...without } = document
    const { known } = outgoing(entryOf(document), record(more), '1.6.0')
    expect(known).toEqual(goes ? document : without)
  })

  it('[ENG-33] of a recommendation is all of it, whatever else is withheld', () => {
    const { recommendationId: id } = advice
    const entry = { type: 'recommendation', id, document: advice, writtenAt: 1 } as const
    const stored = {
      ...blankRecord('recommendation', id),
      server: advice,
      withheld: { fields: { '/action': 'x' } },
    }
    expect(outgoing(entry, stored, '1.6.0').known).toBe(advice)
  })
})

describe('the forms in which a server may hold a document', () => {
  it('[ENG-32] are the whole one and that of the oldest server', () => {
    expect(formsOf('observation', note)).toEqual([note, older])
  })

  it('[ENG-32] are one where there is nothing to leave out', () => {
    expect(formsOf('observation', older)).toEqual([older])
    expect(formsOf('recommendation', advice)).toEqual([advice])
  })
})

describe('what a record keeps of a write that was accepted in part', () => {
  it('[ENG-33] is what did not go out, with the time of the write', () => {
    const fields = {
      '/notObserved': ['/extraction/severity'],
      '/location/source': 'gps',
      '/location/accuracyM': 4,
    }
    expect(withheldOf(entryOf(note), older)).toStrictEqual({ fields, updatedAt: note.updatedAt })
    const { updatedAt: _time, ...undated } = note
    expect(withheldOf(entryOf({ ...undated, updatedAt: undefined }), older)).toStrictEqual({
      fields,
      updatedAt: null,
    })
    expect(withheldOf(entryOf(undated), older)).toStrictEqual({ fields })
    expect(withheldOf(entryOf(note), note)).toBeUndefined()
  })

  it('[ENG-33] of a patch has no time', () => {
    const entry = { type: 'playbookPatch', id: patch.patchId, document: patch, writtenAt: 1 } as const
    const { reason: _reason, ...known } = patch
    expect(withheldOf(entry, known as PlaybookPatch)).toStrictEqual({ fields: { '/reason': patch.reason } })
  })
})
