import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type KnownRecord, type QueuedWrite, testContext } from '../testing/test-context.ts'
import type { ResendRules } from './hold.ts'
import { pickAlone, pickEntries } from './pick-entries.ts'

const random = seededRandom(11)
const note = Observation.parse(observation({ deviceId: 'dev_scout_1' }, random))
const edited: Observation = { ...note, rawNoteText: 'edited' }
const another = Observation.parse(observation({}, random))
const advice = Recommendation.parse(recommendation({ observationId: note.observationId }, random))
const book = Playbook.parse(playbook())
const patch = (baseVersion: number) => PlaybookPatch.parse(playbookPatch({ baseVersion }, random))
const [third, fourth, fifth] = [patch(3), patch(4), patch(5)]

type Setup = {
  /** What the device knows of some records, besides what is queued. */
  known?: KnownRecord[]
  queued: QueuedWrite[]
  /** Of the queued ones, by their number. */
  suspects?: number[]
  /** Entries in front of this one, by its number, may have been decided on. */
  unsettledBefore?: number
  limits?: { records: number; bytes: number }
  rules?: Partial<ResendRules>
}

async function device({ known = [], queued, suspects = [], unsettledBefore, limits, rules }: Setup) {
  const world = await testContext()
  const keys = await world.queue(...queued)
  await world.know(...known)
  await world.change(async (changeset) => {
    if (unsettledBefore !== undefined) changeset.queue.unsettledBefore = unsettledBefore + 1
  })
  const held = suspects.map((at) => keys[at] ?? '')
  const resend = { stillWaits: () => true, mayWriteFor: () => true, ...rules }
  return {
    ...world,
    keys,
    /** What is picked, by its number. */
    pick: () =>
      world.change(async (changeset) => {
        const max = limits ?? { records: 500, bytes: Infinity }
        const { picked, stayed } = await pickEntries(changeset, max, held, resend)
        return { picked: picked.map(({ key }) => keys.indexOf(key)), stayed, entries: picked }
      }),
    alone: (at: number) => world.change((changeset) => pickAlone(changeset, keys[at] ?? 'gone', resend)),
  }
}

const OBSERVATION = { type: 'observation', id: note.observationId } as const
const ADVICE = { type: 'recommendation', id: advice.recommendationId } as const
const PLAYBOOK = { type: 'playbook', id: book.playbookId } as const
const late = { stillWaits: () => false }
const ofAnother = { mayWriteFor: () => false }

describe('held back is', () => {
  it.each<[string, Setup, number[]]>([
    [
      'nothing without a reason',
      { queued: [{ document: note }, { document: advice }, { document: third }] },
      [0, 1, 2],
    ],
    [
      'a suspect, with every later write of its record',
      { queued: [{ document: note }, { document: edited }, { document: another }], suspects: [0] },
      [2],
    ],
    [
      'a record that waits for a person',
      {
        queued: [{ document: note }, { document: another }],
        known: [{ ...OBSERVATION, status: 'quarantined' }],
      },
      [1],
    ],
    [
      'but not what goes out again beneath what a person decides on',
      { queued: [{ document: note, offer: true }], known: [{ ...OBSERVATION, status: 'conflict' }] },
      [0],
    ],
    [
      'a write behind one of its record that may have been decided on',
      { queued: [{ document: note }, { document: edited }, { document: another }], unsettledBefore: 1 },
      [0, 2],
    ],
    [
      'no write behind one that was not',
      { queued: [{ document: note }, { document: edited }], unsettledBefore: 0 },
      [0, 1],
    ],
  ])('[ENG-5, ENG-26, ENG-29] %s', async (_, setup, picked) => {
    expect(await (await device(setup)).pick()).toMatchObject({ picked, stayed: [] })
  })

  it.each<[string, Setup, number[]]>([
    ['with it', { queued: [{ document: note }, { document: advice }] }, [0, 1]],
    ['that was queued behind it', { queued: [{ document: advice }, { document: note }] }, [1]],
    ['that is a suspect', { queued: [{ document: note }, { document: advice }], suspects: [0] }, []],
    [
      'that the server has',
      { queued: [{ document: advice }], known: [{ ...OBSERVATION, server: note }] },
      [0],
    ],
    [
      'that the server has, and of which an edit is held back',
      {
        queued: [{ document: edited }, { document: advice }],
        known: [{ ...OBSERVATION, server: note }],
        suspects: [0],
      },
      [1],
    ],
    [
      'that the server has and of which a person decides on an edit',
      {
        queued: [{ document: advice }],
        known: [{ ...OBSERVATION, server: note, local: edited, status: 'conflict' }],
      },
      [],
    ],
    [
      'that is only on this device, though it goes out too',
      { queued: [{ document: note }, { document: advice }], known: [{ ...OBSERVATION, localOnly: note }] },
      [0],
    ],
    ['that was never seen here: the server may have it', { queued: [{ document: advice }] }, [0]],
    ['that was never seen here, sent again', { queued: [{ document: advice, offer: true }] }, []],
    [
      'that was never seen here, sent again for 30 days',
      { queued: [{ document: advice, offer: true }], rules: late },
      [0],
    ],
    ['with it, sent again', { queued: [{ document: note }, { document: advice, offer: true }] }, [0, 1]],
  ])('[ENG-5, ENG-70, CUR-8] a recommendation by its observation: %s', async (_, setup, picked) => {
    expect(await (await device(setup)).pick()).toMatchObject({ picked })
  })

  it.each<[string, Setup, number[]]>([
    [
      'while its author may still send it',
      { queued: [{ document: note, offer: true }], rules: ofAnother },
      [],
    ],
    [
      'not after 30 days',
      { queued: [{ document: note, offer: true }], rules: { ...ofAnother, ...late } },
      [0],
    ],
    [
      'not once the server has it again',
      {
        queued: [{ document: edited, offer: true }],
        rules: ofAnother,
        known: [{ ...OBSERVATION, server: note }],
      },
      [0],
    ],
    ['not where this device may write for its author', { queued: [{ document: note, offer: true }] }, [0]],
    ['not where a person has written it just now', { queued: [{ document: note }], rules: ofAnother }, [0]],
    [
      'and no recommendation for that',
      {
        queued: [{ document: advice, offer: true }],
        rules: ofAnother,
        known: [{ ...OBSERVATION, server: note }],
      },
      [0],
    ],
  ])('[CUR-8, OBS-2] another’s observation that is sent again: %s', async (_, setup, picked) => {
    expect(await (await device(setup)).pick()).toMatchObject({ picked })
  })

  it('[CUR-8] what is sent again by when it was queued, and by who wrote it', async () => {
    const seen: unknown[] = []
    const rules: ResendRules = {
      stillWaits: (queuedAt) => seen.push(queuedAt) > 0,
      mayWriteFor: (author) => seen.push(author) > 99,
    }
    const { pick } = await device({ queued: [{ document: note, offer: true, writtenAt: 77 }], rules })
    expect((await pick()).picked).toEqual([])
    expect(seen).toEqual([77, note.deviceId])
  })

  it.each<[string, Setup, number[]]>([
    [
      'none while the base is the active version',
      {
        queued: [{ document: third }, { document: fourth }, { document: fifth }],
        known: [{ ...PLAYBOOK, server: book }],
      },
      [0, 1, 2],
    ],
    [
      'none of a playbook that was never seen here',
      { queued: [{ document: third }, { document: fourth }] },
      [0, 1],
    ],
    [
      'those behind a first one whose base is gone',
      {
        queued: [{ document: third }, { document: fourth }, { document: note }],
        known: [{ ...PLAYBOOK, server: { ...book, version: 5 } }],
      },
      [0, 2],
    ],
    [
      'all of a playbook on which a person decides',
      {
        queued: [{ document: third }, { document: note }],
        known: [{ ...PLAYBOOK, server: book, status: 'conflict' }],
      },
      [1],
    ],
    [
      'no question about one: it builds on nothing, and nothing builds on it',
      {
        queued: [{ document: third, asks: true }, { document: fourth }, { document: note }],
        known: [{ ...PLAYBOOK, server: { ...book, version: 4 } }],
      },
      [0, 1, 2],
    ],
  ])('[ENG-5, ENG-16, ENG-62] of patches %s', async (_, setup, picked) => {
    expect(await (await device(setup)).pick()).toMatchObject({ picked })
  })
})

describe('what a batch takes', () => {
  it('[ENG-5] ends exactly at its bytes, with one for each separator, and takes the first whatever its size', async () => {
    const size = (document: object) => JSON.stringify(document).length + 1
    const queued = [{ document: note }, { document: another }]
    const both = size(note) + size(another)
    const picked = async (bytes: number) =>
      (await (await device({ queued, limits: { records: 500, bytes } })).pick()).picked
    expect(await picked(both)).toEqual([0, 1])
    expect(await picked(both - 1)).toEqual([0])
    expect(await picked(1)).toEqual([0])
  })

  it('[ENG-5] ends at its number of records, and looks past what waits in front, however much that is', async () => {
    const waiting = Array.from({ length: 60 }, (_, i) => ({
      document: { ...note, rawNoteText: `edit ${i}` },
    }))
    const others = [{ document: another }, { document: third }, { document: fourth }]
    const { pick } = await device({
      queued: [...waiting, ...others],
      known: [{ ...OBSERVATION, status: 'quarantined' }],
      limits: { records: 2, bytes: Infinity },
    })
    expect((await pick()).picked).toEqual([60, 61])
  })

  it('[ENG-32] is what a server of an older version takes of each write', async () => {
    const document: Observation = { ...note, notObserved: ['/extraction/crop'] }
    const { change, keys, pick } = await device({ queued: [{ document }, { document: another }] })
    const old = await pick()
    expect(old.entries.map(({ altered }) => altered)).toEqual([true, false])
    expect(JSON.parse(old.entries[0]?.text ?? '')).toEqual(note)
    await change(async (changeset) => {
      changeset.serverContract = '1.6.0'
      const whole = await pickAlone(changeset, keys[0] ?? '', {
        stillWaits: () => true,
        mayWriteFor: () => true,
      })
      expect(whole).toMatchObject({ altered: false, text: JSON.stringify(document) })
    })
  })
})

describe('a recommendation that has waited 30 days for an observation that is only here', () => {
  const left = { ...OBSERVATION, localOnly: note }
  it.each<[string, Setup, boolean]>([
    ['leaves the outbox', { queued: [{ document: advice, offer: true }], known: [left], rules: late }, true],
    ['waits before that', { queued: [{ document: advice, offer: true }], known: [left] }, false],
    ['stays where a person wrote it', { queued: [{ document: advice }], known: [left], rules: late }, false],
    [
      'stays where the observation goes out',
      { queued: [{ document: advice, offer: true }, { document: note }], known: [left], rules: late },
      false,
    ],
    [
      'stays where the server has the observation',
      { queued: [{ document: advice, offer: true }], known: [{ ...left, server: note }], rules: late },
      false,
    ],
    [
      'stays where nothing says that it is only here',
      { queued: [{ document: advice, offer: true }], rules: late },
      false,
    ],
    [
      'stays where a person decides on the observation',
      { queued: [{ document: advice, offer: true }], known: [{ ...left, status: 'conflict' }], rules: late },
      false,
    ],
    [
      'stays where a later write of it waits',
      { queued: [{ document: advice, offer: true }, { document: advice }], known: [left], rules: late },
      false,
    ],
    [
      'stays where a person decides on it',
      {
        queued: [{ document: advice, offer: true }],
        known: [left, { ...ADVICE, status: 'conflict' }],
        rules: late,
      },
      false,
    ],
  ])('[ENG-70] %s', async (_, setup, leaves) => {
    const { pick, tables } = await device(setup)
    const { stayed } = await pick()
    expect(stayed).toEqual(leaves ? [ADVICE] : [])
    expect(tables().outbox.size).toBe(leaves ? 0 : setup.queued.length)
    const record = tables().records.get(`recommendation/${advice.recommendationId}`)
    expect(record).toMatchObject(
      leaves ? { local: null, localOnly: advice, status: 'local_only', queued: [] } : { local: advice },
    )
  })

  it('[ENG-70] keeps the version that was marked before', async () => {
    const marked = { ...advice, action: 'Wait.' }
    const { pick, tables } = await device({
      queued: [{ document: advice, offer: true }],
      known: [left, { ...ADVICE, localOnly: marked }],
      rules: late,
    })
    await pick()
    expect(tables().records.get(`recommendation/${advice.recommendationId}`)?.localOnly).toEqual(marked)
  })

  it('[ENG-70] goes out beside others that do not', async () => {
    const { pick } = await device({
      queued: [{ document: advice, offer: true }, { document: another }, { document: third, offer: true }],
      known: [left],
      rules: late,
    })
    expect(await pick()).toMatchObject({ picked: [1, 2], stayed: [ADVICE] })
  })
})

describe('a suspect that is sent alone', () => {
  it.each<[string, Setup, number, boolean]>([
    ['goes', { queued: [{ document: note }], suspects: [0] }, 0, true],
    [
      'goes though others are suspects',
      { queued: [{ document: note }, { document: another }], suspects: [0, 1] },
      1,
      true,
    ],
    ['is no longer queued', { queued: [{ document: note }] }, 5, false],
    [
      'waits for a person',
      { queued: [{ document: note }], suspects: [0], known: [{ ...OBSERVATION, status: 'conflict' }] },
      0,
      false,
    ],
    [
      'waits for its observation',
      { queued: [{ document: note }, { document: advice }], suspects: [0, 1] },
      1,
      false,
    ],
    [
      'goes with the patch it is',
      { queued: [{ document: third }], suspects: [0], known: [{ ...PLAYBOOK, server: book }] },
      0,
      true,
    ],
  ])('[ENG-52] %s', async (_, setup, at, goes) => {
    const { alone, keys } = await device(setup)
    const picked = await alone(at)
    expect(picked?.key).toBe(goes ? keys[at] : undefined)
    if (picked) expect(JSON.parse(picked.text)).toEqual(setup.queued[at]?.document)
  })
})
