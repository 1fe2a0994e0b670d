import { Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type EntityType, type LocalRecord, recordKey } from '../core/local-record.ts'
import { type KnownRecord, testContext } from '../testing/test-context.ts'
import { followServer, forgetDeleted, keepAbsent, type Missing } from './local-only.ts'
import { confirmed, correction, draft, ids } from './testing/chain.ts'

const random = seededRandom(41)
const advice = Recommendation.parse(recommendation({}, random))
const book = Playbook.parse(playbook())
const patch = PlaybookPatch.parse(playbookPatch({}, random))

const NOTE = { type: 'observation', id: draft.observationId } as const

/** A device that knows of some records, and what a change of them comes to. */
async function device(known: KnownRecord[]) {
  const world = await testContext()
  await world.know(...known)
  return world
}

describe('what the server no longer has', () => {
  /** Takes the server’s side away, as a sweep does. */
  async function absent(
    known: Partial<LocalRecord>,
    as: { resent: boolean; marked: boolean },
    type: EntityType = 'observation',
  ) {
    const name = { type, id: draft.observationId }
    const { change, record } = await device([{ ...name, ...known }])
    const missing: Missing = { localOnly: [], corrections: [] }
    await change(async (changeset) => {
      const was = await changeset.read<EntityType>(type, name.id)
      changeset.put({ ...was, server: null })
      keepAbsent(changeset, was, as, missing)
    })
    return { missing, record: record(name), name }
  }

  it('[ENG-41] is marked as only here, and reported once', async () => {
    const first = await absent({ server: confirmed }, { resent: false, marked: true })
    expect(first.record).toMatchObject({ server: null, localOnly: confirmed, status: 'local_only' })
    expect(first.missing).toEqual({ localOnly: [first.name], corrections: [] })
    const again = await absent({ server: draft, localOnly: confirmed }, { resent: false, marked: true })
    expect(again.record).toMatchObject({ localOnly: confirmed })
    expect(again.missing).toEqual({ localOnly: [], corrections: [] })
  })

  it('[ENG-41] is not marked where it goes out again, nor where the server had nothing', async () => {
    const resent = await absent({ server: confirmed, local: draft }, { resent: true, marked: false })
    expect(resent.record).not.toHaveProperty('localOnly')
    expect(resent.missing.localOnly).toEqual([])
    const none = await absent({ server: null, local: draft }, { resent: false, marked: true })
    expect(none.record).not.toHaveProperty('localOnly')
  })

  it.each<[string, Partial<LocalRecord>, boolean, number, string[] | undefined, number | undefined]>([
    ['three', { server: correction('cor_3'), corrections: ids(3) }, false, 3, undefined, 3],
    [
      'three, of which the last is sent again',
      { server: correction('cor_3'), corrections: ids(3) },
      true,
      2,
      undefined,
      2,
    ],
    [
      'three after two that were lost before',
      { server: correction('cor_3'), corrections: ids(3), lostCorrections: 2 },
      false,
      3,
      undefined,
      5,
    ],
    [
      'the one that a store of an earlier version remembers',
      { server: correction('cor_9') },
      false,
      1,
      undefined,
      1,
    ],
    [
      'the one that is sent again: none',
      { server: correction('cor_9'), corrections: ['cor_9'] },
      true,
      0,
      ['cor_9'],
      undefined,
    ],
    [
      'those that are known of a version without one',
      { server: confirmed, corrections: ids(2) },
      false,
      2,
      undefined,
      2,
    ],
    ['none of a version without one', { server: confirmed }, false, 0, undefined, undefined],
    [
      'those before one that is not in the list yet',
      { server: correction('cor_9'), corrections: ids(2) },
      false,
      3,
      undefined,
      3,
    ],
  ])('[ENG-44] has lost corrections: %s', async (_, known, resent, lost, corrections, total) => {
    const { missing, record, name } = await absent(known, { resent, marked: true })
    expect(missing.corrections).toEqual(lost > 0 ? [{ ...name, corrections: lost }] : [])
    expect(record?.corrections).toEqual(corrections)
    expect(record?.lostCorrections).toBe(total)
  })

  it('[ENG-44] has lost no corrections where it is no observation', async () => {
    const { missing } = await absent(
      { server: advice, corrections: ids(2) },
      { resent: false, marked: true },
      'recommendation',
    )
    expect(missing.corrections).toEqual([])
  })
})

describe('after an answer', () => {
  type After = {
    was: Partial<LocalRecord>
    now: Partial<LocalRecord>
    isFullPull?: boolean
    resent?: boolean
    sent?: string[]
  }
  async function followed(
    { was, now, isFullPull = false, resent = false, sent }: After,
    name: { type: EntityType; id: string } = NOTE,
  ) {
    const world = await device([{ ...name, ...was }])
    const missing = await world.change(async (changeset) => {
      const before = await changeset.read<EntityType>(name.type, name.id)
      if (Object.keys(now).length > 0) changeset.put({ ...before, ...now })
      return followServer(
        world.context,
        changeset,
        [before],
        new Map(sent ? [[recordKey(name.type, name.id), sent]] : []),
        {
          isFullPull,
          resent: new Set(resent ? [recordKey(name.type, name.id)] : []),
        },
      )
    })
    return { missing, record: world.record(name) }
  }

  it.each<[string, After, { localOnly: unknown; isNews: boolean }]>([
    [
      'a record that the server has again is marked no longer',
      { was: { localOnly: confirmed }, now: { server: confirmed } },
      { localOnly: undefined, isNews: false },
    ],
    [
      'one that it has in an earlier version stays marked',
      { was: { localOnly: confirmed }, now: { server: draft } },
      { localOnly: confirmed, isNews: false },
    ],
    [
      'one that a full pull shows in an earlier version is kept beside that',
      { was: { server: confirmed }, now: { server: draft }, isFullPull: true },
      { localOnly: confirmed, isNews: true },
    ],
    [
      'one that was deleted is not marked',
      { was: { server: confirmed }, now: { server: null, local: draft }, isFullPull: true },
      { localOnly: undefined, isNews: false },
    ],
    [
      'one that is new in a full pull is not marked',
      { was: {}, now: { server: confirmed }, isFullPull: true },
      { localOnly: undefined, isNews: false },
    ],
    [
      'one that goes out again is not kept',
      { was: { server: confirmed }, now: { server: draft }, isFullPull: true, resent: true },
      { localOnly: undefined, isNews: false },
    ],
    [
      'one that a usual answer shows in an earlier version is not kept: the server decided so',
      { was: { server: confirmed }, now: { server: draft } },
      { localOnly: undefined, isNews: false },
    ],
    [
      'what was kept before stays where a full pull shows an even earlier one',
      {
        was: { server: confirmed, localOnly: correction('cor_1') },
        now: { server: draft },
        isFullPull: true,
      },
      { localOnly: correction('cor_1'), isNews: false },
    ],
    [
      'one that the server does not have stays as it is',
      { was: { localOnly: confirmed }, now: { server: null, local: draft } },
      { localOnly: confirmed, isNews: false },
    ],
    [
      'one that the answer did not touch stays as it is',
      { was: { server: draft, localOnly: confirmed, corrections: ['cor_1'] }, now: {} },
      { localOnly: confirmed, isNews: false },
    ],
  ])('[ENG-41, ENG-42] %s', async (_, after, { localOnly, isNews }) => {
    const { missing, record } = await followed(after)
    expect(record?.localOnly).toEqual(localOnly)
    expect(missing.localOnly).toEqual(isNews ? [NOTE] : [])
  })

  it.each([
    ['a lower version with the same rules is enough', { ...book, version: 2 }, undefined],
    ['a higher version with other rules may be of another history', { ...book, version: 9, rules: {} }, book],
  ])('[ENG-42] of a playbook that was marked %s', async (_, server, localOnly) => {
    const name = { type: 'playbook', id: book.playbookId } as const
    const { record } = await followed({ was: { localOnly: book }, now: { server } }, name)
    expect(record?.localOnly).toEqual(localOnly)
  })

  it('[ENG-62] a patch that was marked is marked no longer once the server has it', async () => {
    const name = { type: 'playbookPatch', id: patch.patchId } as const
    const { record } = await followed({ was: { localOnly: patch }, now: { server: patch } }, name)
    expect(record).not.toHaveProperty('localOnly')
  })

  it.each<[string, Partial<LocalRecord>, Partial<LocalRecord>, string[] | undefined, string[] | undefined]>([
    ['of a version without one are none', {}, { server: confirmed }, undefined, undefined],
    ['start with the first', {}, { server: correction('cor_1') }, undefined, ['cor_1']],
    [
      'go on with what was accepted, and end with what the server has',
      { corrections: ['cor_1'] },
      { server: correction('cor_4') },
      ['cor_2', 'cor_3'],
      ['cor_1', 'cor_2', 'cor_3', 'cor_4'],
    ],
    [
      'name none twice',
      { corrections: ['cor_2', 'cor_1'] },
      { server: correction('cor_2') },
      ['cor_1', 'cor_2'],
      ['cor_1', 'cor_2'],
    ],
    [
      'are the last 200',
      { corrections: ids(200) },
      { server: correction('cor_x') },
      undefined,
      [...ids(200).slice(1), 'cor_x'],
    ],
  ])(
    '[ENG-44] the corrections that the server is known to have %s',
    async (_, was, now, sent, corrections) => {
      const { record } = await followed({ was: { server: draft, ...was }, now, ...(sent && { sent }) })
      expect(record?.corrections).toEqual(corrections)
    },
  )

  it.each([
    [false, undefined, [{ ...NOTE, corrections: 2 }], 2],
    [true, undefined, [{ ...NOTE, corrections: 1 }], 1],
  ])(
    '[ENG-44] of a full pull corrections behind the server’s are lost, less one that goes out again: %s',
    async (resent, _, corrections, lost) => {
      const { missing, record } = await followed({
        was: { server: correction('cor_3', 'sha256:cor_2'), corrections: ids(3) },
        now: { server: correction('cor_1') },
        isFullPull: true,
        resent,
      })
      expect(missing.corrections).toEqual(corrections)
      expect(record).toMatchObject({ corrections: ['cor_1'], lostCorrections: lost })
    },
  )
})

describe('a tombstone', () => {
  it('[ENG-41] drops what was only here, and everything that was known of the server’s history', async () => {
    const { change, record } = await device([
      {
        ...NOTE,
        local: draft,
        localOnly: confirmed,
        corrections: ['cor_1'],
        lostCorrections: 3,
        acknowledgedAt: 5,
      },
    ])
    await change(async (changeset) => {
      await changeset.load([NOTE])
      forgetDeleted(changeset, 'observation', draft.observationId)
    })
    const left = record(NOTE)
    expect(left).toMatchObject({ local: draft, acknowledgedAt: null })
    for (const name of ['localOnly', 'corrections', 'lostCorrections']) expect(left).not.toHaveProperty(name)
  })
})
