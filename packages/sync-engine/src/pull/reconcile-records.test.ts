import { Observation, Recommendation } from '@fieldsync/contracts'
import { observation, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { corrected, minutes, START } from '../testing/documents.ts'
import { hasSameContent, isSameVersion } from './reconcile-records.ts'
import { conflictWith, type Reconciled, reconciling } from './testing/reconciling.ts'

const random = seededRandom(111)
const draft = Observation.parse(observation({ deviceId: 'dev_scout_1', createdAt: minutes(0) }, random))
const advice = Recommendation.parse(recommendation({ generatedAt: minutes(0) }, random))
const noteOf = (more: Partial<Observation>): Observation => ({ ...draft, ...more })
const confirmed = noteOf({ status: 'confirmed' })
const theirs = noteOf({
  rawNoteText: 'theirs',
  deterministicChecksum: 'sha256:aa',
  status: 'confirmed',
  updatedAt: minutes(9),
})
const edit = (text: string, time: number) => noteOf({ rawNoteText: text, updatedAt: minutes(time) })

describe('a write that was accepted', () => {
  it.each<[string, Reconciled, Observation | Recommendation]>([
    ['is the server’s version', { writes: [draft] }, draft],
    [
      'is the server’s version in place of a draft',
      { server: draft, writes: [edit('mine', 3)] },
      edit('mine', 3),
    ],
    ['is the last of several', { server: draft, writes: [edit('one', 3), edit('two', 4)] }, edit('two', 4)],
    [
      'leaves the server’s own text where it has that version already',
      { server: confirmed, writes: [{ ...confirmed, updatedAt: minutes(8) }] },
      confirmed,
    ],
    [
      'moves the status on',
      { server: confirmed, writes: [noteOf({ status: 'logged' })] },
      noteOf({ status: 'logged' }),
    ],
    [
      'is a recommendation',
      { server: advice, writes: [{ ...advice, action: 'Wait.', updatedAt: minutes(9) }] },
      { ...advice, action: 'Wait.', updatedAt: minutes(9) },
    ],
  ])('[ENG-7] %s', async (_, setup, server) => {
    const { record, accepted, parked, superseded, otherwise, unclear, left } = await reconciling(setup)
    expect(record).toMatchObject({ server, local: null, acknowledgedAt: START, status: 'synced', queued: [] })
    expect({ accepted, parked, superseded, otherwise, unclear, left }).toEqual({
      accepted: setup.writes.length,
      parked: [],
      superseded: [],
      otherwise: undefined,
      unclear: false,
      left: [],
    })
  })

  it('[ENG-7] leaves an edit pending that was made since', async () => {
    const { record, left } = await reconciling({ writes: [draft], since: [edit('since', 6)] })
    expect(record).toMatchObject({ server: draft, local: edit('since', 6), status: 'pending' })
    expect(left).toEqual([1])
  })

  it('[ENG-7, OBS-3] as a draft once more is the server’s version again, and as it is changes nothing', async () => {
    const again = { ...draft, updatedAt: minutes(5) }
    expect((await reconciling({ server: draft, writes: [edit('one', 3), again] })).record?.server).toEqual(
      again,
    )
    const one = corrected(confirmed, 'one')
    const { correction: _left, ...plain } = one
    expect(await reconciling({ server: one, writes: [plain] })).toMatchObject({
      unclear: false,
      record: { server: one },
    })
  })

  it('[ENG-33] in part leaves the rest beside the server’s side, unless it was sent again by itself', async () => {
    const whole = noteOf({ notObserved: ['/extraction/crop'] })
    const sent = { known: draft, sent: draft }
    const fields = { '/notObserved': ['/extraction/crop'] }
    const { record } = await reconciling({ writes: [whole], sent })
    expect(record?.server).toEqual(draft)
    expect(record).toMatchObject({ withheld: { fields, updatedAt: draft.updatedAt } })
    const before = { withheld: { fields, updatedAt: null } }
    const again = await reconciling({ server: draft, writes: [whole], sent, before, entry: { offer: true } })
    expect(again.record?.withheld).toEqual(before.withheld)
    const all = await reconciling({ server: draft, writes: [edit('whole', 7)], before })
    expect(all.record).not.toHaveProperty('withheld')
  })
})

describe('a write that was not accepted', () => {
  it('[ENG-7] waits for a person with what the server has, and shows what was written', async () => {
    const mine = edit('mine', 3)
    const conflict = conflictWith(theirs, 'OBSERVATION_IMMUTABLE')
    const { record, accepted, parked, superseded, keys } = await reconciling({
      server: draft,
      writes: [mine],
      conflicts: [conflict],
      before: { acknowledgedAt: 5 },
    })
    expect(record).toMatchObject({ server: theirs, local: mine, status: 'conflict', acknowledgedAt: 5 })
    expect(parked).toMatchObject([
      {
        kind: 'server',
        type: 'observation',
        entityId: draft.observationId,
        losing: mine,
        conflict,
        place: keys[0],
        foundAt: START,
      },
    ])
    expect({ accepted, superseded }).toEqual({ accepted: 0, superseded: [] })
  })

  it('[ENG-58] shows the last of several that lost', async () => {
    const writes = [edit('one', 3), edit('two', 4)]
    const conflicts = [
      conflictWith(theirs, 'OBSERVATION_IMMUTABLE'),
      conflictWith(theirs, 'OBSERVATION_IMMUTABLE', 'cnf_2'),
    ]
    const { record, parked } = await reconciling({ server: draft, writes, conflicts })
    expect(record?.local).toEqual(writes[1])
    expect(parked.map(({ losing }) => losing)).toEqual(writes)
  })

  it('[ENG-58] shows the last of three that lost, and none was acknowledged where one found its id taken', async () => {
    const writes = [edit('one', 3), edit('two', 4), edit('three', 5)]
    const conflicts = ['OBSERVATION_ID_TAKEN', 'OBSERVATION_IMMUTABLE', 'OBSERVATION_IMMUTABLE'].map(
      (code, i) => conflictWith(theirs, code, `cnf_${i}`),
    )
    const { record } = await reconciling({ server: draft, writes, conflicts, before: { acknowledgedAt: 5 } })
    expect(record).toMatchObject({ local: writes[2], acknowledgedAt: null })
  })

  it('[ENG-34, HSH-1] shows the server’s version with what this build does not know of it', async () => {
    const conflicts = [edit('first', 8), edit('second', 9)].map((winner, i) =>
      conflictWith(winner, 'OBSERVATION_STALE_WRITE', `cnf_${i}`),
    )
    const writes = [edit('one', 3), edit('two', 4)]
    const { record } = await reconciling({
      server: draft,
      writes,
      conflicts,
      more: [{ soil: 1 }, { soil: 2 }],
    })
    expect(record?.unknown?.fields).toEqual({ '/soil': 2 })
  })

  it('[ENG-15] and shows nothing new of the server does not confirm what is known of it', async () => {
    const { record } = await reconciling({
      server: draft,
      writes: [edit('mine', 3)],
      conflicts: [conflictWith(null, 'FORBIDDEN')],
      before: { generation: 7 },
    })
    expect(record?.generation).toBe(7)
  })

  it('[ENG-58] shows the edit that was made since', async () => {
    const since = edit('since', 6)
    const { record } = await reconciling({
      server: draft,
      writes: [edit('mine', 3)],
      since: [since],
      conflicts: [conflictWith(theirs, 'OBSERVATION_IMMUTABLE')],
    })
    expect(record).toMatchObject({ local: since, status: 'conflict' })
  })

  it('[ENG-58] leaves what a person decides on already', async () => {
    const { record } = await reconciling({
      server: draft,
      writes: [edit('mine', 3)],
      conflicts: [conflictWith(theirs, 'OBSERVATION_IMMUTABLE')],
      before: { status: 'conflict', local: edit('waits', 2) },
    })
    expect(record?.local).toEqual(edit('waits', 2))
  })

  it('[ENG-7] without a version of the server leaves what is known of it', async () => {
    const { record } = await reconciling({
      server: draft,
      writes: [edit('mine', 3)],
      conflicts: [conflictWith(null, 'FORBIDDEN')],
      otherwise: theirs,
    })
    expect(record?.server).toEqual(draft)
  })

  it.each([
    [conflictWith(theirs, 'OBSERVATION_IMMUTABLE'), undefined],
    [conflictWith(null, 'FORBIDDEN'), theirs],
  ])(
    '[ENG-46] ends what was possible only where it shows the server’s version: %j',
    async (conflict, expected) => {
      const { otherwise } = await reconciling({
        server: draft,
        writes: [edit('mine', 3)],
        conflicts: [conflict],
        otherwise: theirs,
      })
      expect(otherwise?.server).toEqual(expected)
    },
  )

  it.each(['OBSERVATION_ID_TAKEN', 'RECOMMENDATION_ID_TAKEN'])(
    '[CUR-8] since its id is taken (%s) was never acknowledged',
    async (code) => {
      const { record } = await reconciling({
        server: draft,
        writes: [edit('mine', 3)],
        conflicts: [conflictWith(theirs, code)],
        before: { acknowledgedAt: 5 },
      })
      expect(record?.acknowledgedAt).toBeNull()
    },
  )

  it('[ENG-7, ENG-29] against a later write of this device that the server has already is no conflict to anybody', async () => {
    const [first, later] = [edit('one', 3), edit('two', 8)]
    const conflict = conflictWith(later, 'OBSERVATION_STALE_WRITE')
    const sent = await reconciling({ writes: [first, later], conflicts: [conflict] })
    expect(sent).toMatchObject({ superseded: [conflict], parked: [], accepted: 1 })
    const waiting = await reconciling({ writes: [first], since: [later], conflicts: [conflict] })
    expect(waiting).toMatchObject({
      superseded: [conflict],
      parked: [],
      accepted: 0,
      record: { local: later },
    })
    const third = edit('three', 9)
    const between = await reconciling({ writes: [first], since: [later, third], conflicts: [conflict] })
    expect(between.superseded).toEqual([])
    const amid = await reconciling({ writes: [first, later, third], conflicts: [conflict] })
    expect(amid).toMatchObject({ superseded: [conflict], accepted: 2 })
    const earlier = await reconciling({ writes: [later, first], conflicts: [conflict] })
    expect(earlier).toMatchObject({ superseded: [], accepted: 1, parked: [{ losing: first }] })
    const others = await reconciling({ writes: [first], conflicts: [conflict] })
    expect(others).toMatchObject({ superseded: [], accepted: 0 })
    expect(others.parked).toHaveLength(1)
  })

  it('[ENG-30] beside one that was', async () => {
    const [mine, next] = [edit('mine', 3), edit('next', 12)]
    const conflict = conflictWith(edit('theirs', 9), 'OBSERVATION_STALE_WRITE')
    const { record, accepted, parked } = await reconciling({
      server: draft,
      writes: [mine, next],
      conflicts: [conflict],
    })
    expect(record).toMatchObject({ server: next, local: mine, acknowledgedAt: START })
    expect([accepted, parked.map(({ losing }) => losing)]).toEqual([1, [mine]])
  })
})

describe('two versions', () => {
  it('[OBS-3, REC-4] are one where content and status are the same, whatever their times', () => {
    const later = { ...draft, updatedAt: minutes(9) }
    expect([hasSameContent(draft, later), isSameVersion(draft, later)]).toEqual([true, true])
    expect([hasSameContent(draft, confirmed), isSameVersion(draft, confirmed)]).toEqual([true, false])
    expect([hasSameContent(draft, edit('other', 0)), isSameVersion(draft, edit('other', 0))]).toEqual([
      false,
      false,
    ])
  })
})
