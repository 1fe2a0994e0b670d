import { Observation, Recommendation } from '@fieldsync/contracts'
import { canonicalRecord, canonicalText, combineDigests, recordDigest } from '@fieldsync/domain'
import {
  observation,
  type ObservationInput,
  recommendation,
  type RecommendationInput,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { caller, decided, DECIDED_AT, STORED_AT, upsertsOf } from '../testing/decided.ts'
import { decideObservations, decideRecommendations } from './decide-records.ts'
import { BatchDecisions } from './decision.ts'
import { NOTHING_STORED, workingSetOf } from './working-set.ts'

const EARLY = '2026-02-12T06:00:00Z'
const LATE = '2026-02-12T06:30:00Z'
const micros = (at: string): number => Date.parse(at) * 1000
const textOf = (record: ObservationInput | RecommendationInput): string =>
  canonicalText('recommendationId' in record ? Recommendation.parse(record) : Observation.parse(record))

const draft = (overrides: Partial<ObservationInput> = {}) => observation({ updatedAt: EARLY, ...overrides })
const pending = (overrides: Partial<RecommendationInput> = {}) =>
  recommendation({ updatedAt: EARLY, ...overrides })
/** A record as it is stored. */
const row = (id: string, record: ObservationInput | RecommendationInput) => ({
  id,
  document: textOf(record),
  timeMicros: micros(EARLY),
  revision: 3,
  storedAt: STORED_AT,
})
const noteRow = (note: ObservationInput) => row(note.observationId, note)

const correction = (correctionId: string, note: ObservationInput) => ({
  correctionId,
  reason: 'Looked again',
  correctedAt: LATE,
  supersedes: note.deterministicChecksum,
})
const conflictsOf = ({ decisions }: Awaited<ReturnType<typeof decided>>) =>
  decisions.conflicts.map(({ conflict }) => conflict)

describe('an observation that is new', () => {
  const note = draft()

  it('[BAT-5, AUD-4, HSH-1] counts, has an entry without a hash before it, and adds itself to the state hash', async () => {
    const { decisions } = await decided(caller(), { observations: [note] })
    expect(decisions.accepted).toEqual({ observations: 1, recommendations: 0, playbookPatches: 0 })
    expect(decisions.changes).toEqual([
      {
        type: 'observation',
        id: note.observationId,
        kind: 'create',
        before: null,
        after: sha256(textOf(note)),
      },
    ])
    const digest = recordDigest(
      'observation',
      note.observationId,
      canonicalRecord(Observation.parse(note)),
      sha256,
    )
    expect(decisions.stateDelta).toBe(combineDigests(digest))
  })

  it('[BAT-4] is in conflict with a later one of its batch as the server has it now', async () => {
    const other = draft({ observationId: note.observationId, deviceId: 'dev_scout_2' })
    const outcome = await decided(caller(), { observations: [note, other] })
    expect(conflictsOf(outcome)).toMatchObject([
      {
        code: 'OBSERVATION_ID_TAKEN',
        server: { updatedAt: DECIDED_AT.toISOString(), record: Observation.parse(note) },
      },
    ])
  })
})

describe('an observation that is stored', () => {
  const note = draft()
  const edited = draft({ ...note, updatedAt: LATE, rawNoteText: 'Leaves curl' })

  it('[OBS-18, AUD-4] is replaced by a later draft, tied to the revision that it was read at', async () => {
    const { decisions, set } = await decided(
      caller(),
      { observations: [edited] },
      { observationRows: [noteRow(note)] },
    )
    expect(decisions.changes).toMatchObject([
      { kind: 'update', before: sha256(textOf(note)), after: sha256(textOf(edited)) },
    ])
    expect(set.observations.get(note.observationId)).toEqual({
      state: {
        canonical: canonicalRecord(Observation.parse(edited)),
        timeMicros: micros(LATE),
        corrections: new Map(),
      },
      revision: 3,
      storedAt: STORED_AT,
      changed: true,
      moved: false,
    })
  })

  it('[CNF-2] wins over an earlier draft, and is in the conflict as the server stored it', async () => {
    const outcome = await decided(
      caller(),
      { observations: [note] },
      { observationRows: [{ ...noteRow(edited), timeMicros: micros(LATE) }] },
    )
    expect(conflictsOf(outcome)).toMatchObject([
      {
        code: 'OBSERVATION_STALE_WRITE',
        server: { updatedAt: STORED_AT.toISOString(), record: Observation.parse(edited) },
      },
    ])
    expect(outcome.decisions.accepted.observations).toBe(0)
    expect(outcome.decisions.changes).toEqual([])
  })

  it('[OBS-22, BAT-5, AUD-2] counts when it comes again, and only its time moves', async () => {
    const again = { ...note, updatedAt: LATE }
    const { decisions, set } = await decided(
      caller(),
      { observations: [again] },
      { observationRows: [noteRow(note)] },
    )
    expect(decisions.accepted.observations).toBe(1)
    expect([decisions.changes, decisions.stateDelta]).toEqual([[], null])
    expect(set.observations.get(note.observationId)).toMatchObject({
      state: { timeMicros: micros(LATE), canonical: { text: textOf(note) } },
      changed: false,
      moved: true,
    })
  })

  it('[OBS-22] keeps its time when it comes again with the same one', async () => {
    const { set } = await decided(caller(), { observations: [note] }, { observationRows: [noteRow(note)] })
    expect(set.observations.get(note.observationId)).toMatchObject({ changed: false, moved: false })
  })

  it('[DWN-4] takes its position behind what the batch has changed before it', async () => {
    const [one, two] = [draft(), draft()]
    const rows = [noteRow(one), noteRow(two)]
    const edits = [two, one].map((each) => ({ ...each, updatedAt: LATE, status: 'confirmed' as const }))
    const { set } = await decided(caller(), { observations: edits }, { observationRows: rows })
    expect([...set.observations.keys()]).toEqual([two.observationId, one.observationId])
  })
})

describe('a correction', () => {
  const note = draft({ status: 'confirmed' })
  const corrected = draft({
    ...note,
    deterministicChecksum: 'sha256:bbbbbbbb',
    rawNoteText: 'Dust',
    updatedAt: LATE,
    correction: correction('cor_1', note),
  })
  const known = {
    observationId: note.observationId,
    correctionId: 'cor_1',
    contentSha256: sha256(canonicalRecord(Observation.parse(corrected)).contentText),
  }

  it('[OBS-15] is added to the history with what was there before and what is there after it', async () => {
    const { decisions, set } = await decided(
      caller(),
      { observations: [corrected] },
      { observationRows: [noteRow(note)] },
    )
    expect(decisions.corrections).toEqual([{ ...known, before: textOf(note), after: textOf(corrected) }])
    expect(set.observations.get(note.observationId)?.state.corrections).toEqual(
      new Map([['cor_1', known.contentSha256]]),
    )
  })

  it('of a record that is new has nothing before it', async () => {
    const { decisions } = await decided(caller(), { observations: [corrected] })
    expect(decisions.corrections).toEqual([{ ...known, before: null, after: textOf(corrected) }])
  })

  it('[OBS-15] is added once, and stays in the history, where the record advances with it', async () => {
    const logged = { ...corrected, status: 'logged' as const }
    const { decisions, set } = await decided(
      caller(),
      { observations: [logged] },
      { observationRows: [noteRow(corrected)], correctionRows: [known] },
    )
    expect(decisions.changes).toMatchObject([{ kind: 'advance' }])
    expect(decisions.corrections).toEqual([])
    expect(set.observations.get(note.observationId)?.state.corrections).toEqual(
      new Map([['cor_1', known.contentSha256]]),
    )
  })

  it('[OBS-15, BAT-4] is known to the records behind it in its batch', async () => {
    const reused = { ...corrected, rawNoteText: 'Mildew after all', deterministicChecksum: 'sha256:cccccccc' }
    const outcome = await decided(
      caller(),
      { observations: [corrected, reused] },
      { observationRows: [noteRow(note)] },
    )
    expect(conflictsOf(outcome)).toMatchObject([
      { code: 'OBSERVATION_IMMUTABLE', message: expect.stringContaining('new correctionId') },
    ])
  })
})

describe('a recommendation', () => {
  const note = draft()
  const one = pending({ observationId: note.observationId })
  const observationRows = [noteRow(note)]

  it('[BAT-2, BAT-5, AUD-4] on an observation that is stored, or of its own batch, is new and counts', async () => {
    for (const { sent, stored } of [
      { sent: { recommendations: [one] }, stored: { observationRows } },
      { sent: { observations: [note], recommendations: [one] }, stored: {} },
    ]) {
      const { decisions } = await decided(caller('scout'), sent, stored)
      expect(decisions.conflicts).toEqual([])
      expect(decisions.accepted.recommendations).toBe(1)
      expect(decisions.changes.at(-1)).toEqual({
        type: 'recommendation',
        id: one.recommendationId,
        kind: 'create',
        before: null,
        after: sha256(textOf(one)),
      })
    }
  })

  it('on an observation of somebody else is refused to a scout', async () => {
    const outcome = await decided(
      caller('scout', 'dev_scout_2'),
      { recommendations: [one] },
      { observationRows },
    )
    expect(conflictsOf(outcome)).toMatchObject([{ code: 'FORBIDDEN', resolution: 'fix' }])
  })

  it('[REC-10, BAT-5] counts when it comes again, and only its time moves', async () => {
    const { decisions, set } = await decided(
      caller(),
      { recommendations: [{ ...one, updatedAt: LATE }] },
      { observationRows, recommendationRows: [row(one.recommendationId, one)] },
    )
    expect(decisions.accepted.recommendations).toBe(1)
    expect(decisions.changes).toEqual([])
    expect(set.recommendations.get(one.recommendationId)).toMatchObject({
      state: { timeMicros: micros(LATE) },
      moved: true,
    })
  })

  it('[CNF-2] that is decided wins over a change of it', async () => {
    const confirmed = { ...one, status: 'confirmed' as const }
    const outcome = await decided(
      caller(),
      { recommendations: [{ ...one, action: 'Wait a day', updatedAt: LATE }] },
      { observationRows, recommendationRows: [row(one.recommendationId, confirmed)] },
    )
    expect(conflictsOf(outcome)).toMatchObject([
      {
        entityType: 'recommendation',
        entityId: one.recommendationId,
        code: 'RECOMMENDATION_IMMUTABLE',
        server: { updatedAt: STORED_AT.toISOString(), record: Recommendation.parse(confirmed) },
      },
    ])
  })
})

describe('[ERA-3] what was erased', () => {
  const note = draft()
  const one = pending({ observationId: note.observationId })
  const erased = (of: string) => ({ erased: new Set([of]) })
  const refused = (path: string) => [
    { code: 'FORBIDDEN', resolution: 'fix', issues: [{ path, message: expect.stringContaining('erased') }] },
  ]

  it('is refused as an observation, whoever sends it', async () => {
    const outcome = await decided(
      caller('admin'),
      { observations: [note, draft()] },
      erased(`observation ${note.observationId}`),
    )
    expect(conflictsOf(outcome)).toMatchObject(refused('/observationId'))
    expect(outcome.decisions.accepted.observations).toBe(1)
  })

  it('is refused as a recommendation', async () => {
    const outcome = await decided(
      caller('admin'),
      { recommendations: [one] },
      { ...erased(`recommendation ${one.recommendationId}`), observationRows: [noteRow(note)] },
    )
    expect(conflictsOf(outcome)).toMatchObject(refused('/recommendationId'))
  })

  it('has no recommendations from then on', async () => {
    const outcome = await decided(
      caller('admin'),
      { recommendations: [one] },
      erased(`observation ${note.observationId}`),
    )
    expect(conflictsOf(outcome)).toMatchObject(refused('/observationId'))
  })
})

it('[ERR-17] nothing more is decided once the conflicts of the batch do not fit one answer', () => {
  const decisions = new BatchDecisions()
  for (let count = 0; count < 2; count++) decisions.refuse({} as never, 8 * 1024 * 1024)
  const { canonical, asked } = upsertsOf({ observations: [draft()], recommendations: [pending()] })
  const set = workingSetOf({ ...NOTHING_STORED, asked })
  decideObservations(caller(), set, canonical.observations, decisions)
  decideRecommendations(caller(), set, canonical.recommendations, decisions)
  expect(decisions.accepted).toEqual({ observations: 0, recommendations: 0, playbookPatches: 0 })
  expect(decisions.conflicts).toHaveLength(2)
})
