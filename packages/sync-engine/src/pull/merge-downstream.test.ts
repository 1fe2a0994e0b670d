import {
  DeviceId,
  type Downstream,
  Observation,
  Playbook,
  PlaybookPatch,
  Recommendation,
} from '@fieldsync/contracts'
import { EMPTY_STATE_HASH, type Role } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { transact } from '../core/engine-context.ts'
import type { FullPull } from '../core/engine-meta.ts'
import { type EntityType, type LocalRecord } from '../core/local-record.ts'
import { minutes, START } from '../testing/documents.ts'
import { type KnownRecord, type QueuedWrite, testContext } from '../testing/test-context.ts'
import { acknowledgeTaken, type Merged, mergeDownstream, namedDownstream } from './merge-downstream.ts'

const random = seededRandom(71)
const draft = Observation.parse(observation({ deviceId: 'dev_scout_1', createdAt: minutes(0) }, random))
const edited: Observation = { ...draft, rawNoteText: 'edited here', updatedAt: minutes(2) }
const later: Observation = { ...draft, rawNoteText: 'changed by others', updatedAt: minutes(5) }
const confirmed: Observation = { ...later, status: 'confirmed' }
const advice = Recommendation.parse(recommendation({ generatedAt: minutes(0) }, random))
const book = Playbook.parse(playbook())

const NOTE = { type: 'observation', id: draft.observationId } as const
const ADVICE = { type: 'recommendation', id: advice.recommendationId } as const
const PLAYBOOK = { type: 'playbook', id: book.playbookId } as const
const NONE: Merged = { changed: [], deleted: [], parked: [], resent: [], recognized: [] }
const FULL: FullPull = { reason: 'cursor', step: 'pages', swept: '', serverHash: null }

type Setup = {
  known?: KnownRecord[]
  queued?: QueuedWrite[]
  unsettledBefore?: number
  role?: Role
}

async function device({ known = [], queued = [], unsettledBefore, role = 'scout' }: Setup) {
  const world = await testContext({ role })
  await world.know(...known)
  const keys = await world.queue(...queued)
  await world.change(async (changeset) => {
    if (unsettledBefore !== undefined) changeset.queue.unsettledBefore = unsettledBefore
  })
  const merge = (more: Partial<Downstream>, fullPull?: FullPull) =>
    transact(world.context, async (changeset) => {
      const downstream = {
        observations: [],
        recommendations: [],
        hasMore: false,
        ...more,
      } as unknown as Downstream
      await changeset.load(namedDownstream(downstream))
      const raw = {
        observations: downstream.observations,
        recommendations: downstream.recommendations,
        playbooks: downstream.playbooks ?? [],
        conflicts: [],
      }
      return mergeDownstream(world.context, changeset, downstream, raw, fullPull, START)
    })
  return { ...world, keys, merge }
}

const tombstone = (name: { type: EntityType; id: string }) =>
  ({ deleted: [{ entityType: name.type, entityId: name.id }] }) as unknown as Partial<Downstream>

describe('a page', () => {
  it('[ENG-8] names everything in it, for one read', () => {
    const page = { observations: [draft], recommendations: [advice], playbooks: [book], ...tombstone(ADVICE) }
    expect(namedDownstream(page as unknown as Downstream)).toEqual([NOTE, ADVICE, PLAYBOOK, ADVICE])
    expect(namedDownstream({ observations: [], recommendations: [] } as unknown as Downstream)).toEqual([])
  })

  it('[ENG-8] brings the server’s side of every type', async () => {
    const { merge, record } = await device({})
    const merged = await merge({ observations: [draft], recommendations: [advice], playbooks: [book] })
    expect(merged).toEqual({ ...NONE, changed: [PLAYBOOK, NOTE, ADVICE] })
    expect(record(NOTE)).toMatchObject({ server: draft, local: null, status: 'synced' })
    expect(record(ADVICE)).toMatchObject({ server: advice, status: 'synced' })
    expect(record(PLAYBOOK)).toMatchObject({ server: book, status: 'synced' })
  })

  it('[ENG-8] leaves an edit that still wins where it is', async () => {
    const { merge, record } = await device({
      known: [{ ...NOTE, server: draft }],
      queued: [{ document: { ...edited, updatedAt: minutes(9) } }],
    })
    expect(await merge({ observations: [later] })).toEqual({ ...NONE, changed: [NOTE] })
    expect(record(NOTE)).toMatchObject({
      server: later,
      local: { rawNoteText: 'edited here' },
      status: 'pending',
    })
  })

  it.each<[string, Observation, object]>([
    ['was overtaken', later, { code: 'OBSERVATION_STALE_WRITE', resolution: 'accept_server', server: later }],
    [
      'met a confirmed version',
      confirmed,
      { code: 'OBSERVATION_IMMUTABLE', resolution: 'correct', server: confirmed },
    ],
  ])(
    '[ENG-8] sets the first edit aside that %s, with what it met; what is behind it stays',
    async (_, server, conflict) => {
      const behind = { ...edited, rawNoteText: 'later still', updatedAt: minutes(3) }
      const { merge, record, keys, tables } = await device({
        known: [{ ...NOTE, server: draft }],
        queued: [{ document: edited }, { document: behind }],
      })
      const { parked, changed } = await merge({ observations: [server] })
      expect(changed).toEqual([NOTE])
      expect(parked).toMatchObject([
        {
          kind: 'local',
          type: 'observation',
          entityId: NOTE.id,
          losing: edited,
          place: keys[0],
          foundAt: START,
          ...conflict,
        },
      ])
      expect(parked[0]).not.toHaveProperty('queued')
      expect([...tables().outbox.keys()]).toEqual([keys[1]])
      expect(record(NOTE)).toMatchObject({ status: 'conflict', local: behind })
    },
  )

  it.each<[string, Setup]>([
    ['is on its way', { known: [{ ...NOTE, server: draft, inFlight: 1 }], queued: [{ document: edited }] }],
    [
      'waits for a person',
      { known: [{ ...NOTE, server: draft, status: 'conflict' }], queued: [{ document: edited }] },
    ],
    [
      'may have been decided on',
      { known: [{ ...NOTE, server: draft }], queued: [{ document: edited }], unsettledBefore: 2 },
    ],
  ])('[ENG-8, ENG-29] leaves an edit to the server that %s', async (_, setup) => {
    const { merge, tables } = await device(setup)
    expect(await merge({ observations: [later] })).toEqual({ ...NONE, changed: [NOTE] })
    expect(tables().outbox.size).toBe(1)
  })

  it('[ENG-8, ENG-29] sets the first edit aside that was never sent, though others may have been decided on', async () => {
    const { merge, keys } = await device({
      known: [{ ...NOTE, server: draft }],
      queued: [{ document: edited }],
      unsettledBefore: 1,
    })
    expect((await merge({ observations: [later] })).parked).toMatchObject([{ place: keys[0] }])
  })

  it('[CUR-8] shows that the server has an observation of which a first write still waits here', async () => {
    const { merge, record } = await device({ queued: [{ document: { ...edited, updatedAt: minutes(9) } }] })
    await merge({ observations: [later] })
    expect(record(NOTE)).toMatchObject({ acknowledgedAt: START, status: 'pending' })
  })

  it('[ENG-29] shows a write of this device whose answer was lost', async () => {
    const { merge, record, tables } = await device({ queued: [{ document: later }], unsettledBefore: 2 })
    expect(await merge({ observations: [later] })).toEqual({ ...NONE, changed: [NOTE], recognized: [NOTE] })
    expect(tables().outbox.size).toBe(0)
    expect(record(NOTE)).toMatchObject({ server: later, local: null, acknowledgedAt: START })
  })

  it.each([
    [FULL, [NOTE]],
    [undefined, []],
  ])(
    '[CUR-6] of a full pull shows that an acknowledged version is lost, which goes out again: %j',
    async (fullPull, resent) => {
      const { merge, tables } = await device({
        known: [{ ...NOTE, server: confirmed, acknowledgedAt: START }],
      })
      expect(await merge({ observations: [draft] }, fullPull)).toEqual({ ...NONE, changed: [NOTE], resent })
      expect(tables().outbox.size).toBe(resent.length)
    },
  )
})

describe('a tombstone', () => {
  it.each([
    ['a note', NOTE, draft],
    ['a recommendation', ADVICE, advice],
    ['a playbook', PLAYBOOK, book],
  ])('[ENG-41] removes %s', async (_, name, server) => {
    const { merge, record, stored } = await device({ known: [{ ...name, server }] })
    expect(await merge(tombstone(name))).toEqual({ ...NONE, deleted: [name] })
    expect(record(name)).toBeUndefined()
    expect(stored('position')).toMatchObject({ stateHash: EMPTY_STATE_HASH })
  })

  it('[ENG-41] of a playbook leaves the patches on it to the server', async () => {
    const patch = PlaybookPatch.parse(playbookPatch({}, random))
    const { merge, tables } = await device({
      known: [{ ...PLAYBOOK, server: book }],
      queued: [{ document: patch }],
    })
    expect(await merge(tombstone(PLAYBOOK))).toEqual({ ...NONE, deleted: [PLAYBOOK] })
    expect(tables().outbox.size).toBe(1)
  })

  it('[ENG-41] of a record on the same page was there before that was created again', async () => {
    const { merge, record } = await device({})
    expect(await merge({ observations: [draft], ...tombstone(NOTE) })).toEqual({ ...NONE, changed: [NOTE] })
    expect(record(NOTE)).toMatchObject({ server: draft })
  })

  it('[ENG-8, ENG-38] sets an edit of the record aside: a person decides whether it is sent as a new one', async () => {
    const { merge, record } = await device({
      known: [{ ...NOTE, server: draft, acknowledgedAt: 5 }],
      queued: [{ document: edited }],
    })
    const { parked } = await merge(tombstone(NOTE))
    expect(parked).toMatchObject([
      {
        kind: 'local',
        losing: edited,
        server: null,
        code: null,
        resolution: 'resubmit',
        message: 'This record was deleted meanwhile: send yours as a new one, or drop it.',
      },
    ])
    expect(record(NOTE)).toMatchObject({
      server: null,
      local: edited,
      status: 'conflict',
      acknowledgedAt: null,
    })
  })
})

describe('a first write whose answer was lost', () => {
  const ofBen = { ...later, deviceId: DeviceId.parse('dev_ben') }
  const name = { ...NOTE, queued: ['1'] }
  it.each<[string, Partial<LocalRecord>, Partial<LocalRecord>, Role, number | null]>([
    ['counts as acknowledged once the server has its observation', {}, { server: later }, 'scout', START],
    [
      'counts as acknowledged since a page has shown it before',
      {},
      { server: later, acknowledgedAt: 7 },
      'scout',
      7,
    ],
    [
      'was acknowledged before',
      { acknowledgedAt: 5 },
      { server: later, acknowledgedAt: null },
      'scout',
      null,
    ],
    ['was no first one', { server: draft }, { server: later }, 'scout', null],
    ['was none where nothing waited', { queued: [] }, { server: later }, 'scout', null],
    ['is none of this device where another wrote the observation', {}, { server: ofBen }, 'scout', null],
    ['may be of this device where that writes for others', {}, { server: ofBen }, 'admin', START],
    ['is still open where the server has nothing', {}, { local: later }, 'scout', null],
  ])('[CUR-8] %s', async (_, before, after, role, acknowledgedAt) => {
    const { context, change, record } = await device({ role })
    await change(async (changeset) => {
      const blank = await changeset.read('observation', NOTE.id)
      changeset.put({ ...blank, ...after })
      acknowledgeTaken(context, changeset, { ...blank, ...name, ...before }, START)
    })
    expect(record(NOTE)?.acknowledgedAt).toBe(acknowledgedAt)
  })

  it('[CUR-8] is that of an observation alone', async () => {
    const { context, change, record } = await device({ role: 'admin' })
    await change(async (changeset) => {
      const blank = await changeset.read('recommendation', ADVICE.id)
      changeset.put({ ...blank, server: advice })
      acknowledgeTaken(context, changeset, { ...blank, queued: ['1'] }, START)
    })
    expect(record(ADVICE)?.acknowledgedAt).toBeNull()
  })
})
