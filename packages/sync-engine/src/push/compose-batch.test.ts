import { Device, Observation, PlaybookPatch, Recommendation, SyncBatchRequest } from '@fieldsync/contracts'
import { device, observation, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { START } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { composeCall } from './compose-batch.ts'
import { pickEntries } from './pick-entries.ts'

const random = seededRandom(5)
const phone = Device.parse(device({ deviceId: 'dev_scout_1' }))
const notes = [1, 2].map((i) => Observation.parse(observation({ rawNoteText: `ü ${i}` }, random)))
const [first, second] = notes
const advice = Recommendation.parse(recommendation({}, random))
const patch = PlaybookPatch.parse(playbookPatch({}, random))
const resolved = Array.from({ length: 205 }, (_, i) => ({ conflictId: `cnf_${i}`, resolution: 'discard' }))
const drift = {
  noticedAt: '2026-02-11T18:00:00.000Z',
  serverHash: '0'.repeat(64),
  deviceHash: '1'.repeat(64),
}

/** @param contract of the server */
async function composing({ contract = '1.6.0', page = 500 } = {}) {
  const world = await testContext()
  const compose = () =>
    world.change(async (changeset) => {
      changeset.serverContract = contract
      const limits = { records: 500, bytes: Infinity }
      const rules = { stillWaits: () => true, mayWriteFor: () => true }
      const { picked } = await pickEntries(changeset, limits, [], rules)
      const { call } = await composeCall(world.context, changeset, phone, picked, page)
      return { call, request: SyncBatchRequest.parse(JSON.parse(call.body)) }
    })
  return { ...world, compose }
}

describe('a batch', () => {
  it('[ENG-3, ENG-5] holds the records of each type in their order, and says which write each is', async () => {
    const { queue, compose } = await composing()
    const keys = await queue(
      ...[advice, first, patch, second].flatMap((each) => (each ? [{ document: each }] : [])),
    )
    const { call, request } = await compose()
    expect(request.upserts).toEqual({
      observations: notes,
      recommendations: [advice],
      playbookPatches: [patch],
    })
    expect(call.entries).toEqual([
      { key: keys[1], type: 'observation', id: first?.observationId },
      { key: keys[3], type: 'observation', id: second?.observationId },
      { key: keys[0], type: 'recommendation', id: advice.recommendationId },
      { key: keys[2], type: 'playbookPatch', id: patch.patchId },
    ])
    expect(call).not.toHaveProperty('altered')
    expect(request.syncId).toBe(call.syncId)
  })

  it('[ENG-3] says where the device is, when it was last in sync, and how much it takes', async () => {
    const { change, compose } = await composing({ page: 40 })
    const { request: before } = await compose()
    expect(before).toMatchObject({
      lastKnownServerCursor: '',
      maxDownstream: 40,
      device: { ...phone, lastSyncAt: null },
    })
    await change(async (changeset) => {
      changeset.position.cursor = '1.2'
      changeset.position.lastSyncAt = START - 5_000
    })
    const { call, request } = await compose()
    expect(request).toMatchObject({
      requestedAt: new Date(START).toISOString(),
      lastKnownServerCursor: '1.2',
      device: { lastSyncAt: new Date(START - 5_000).toISOString() },
      upserts: { observations: [], recommendations: [], playbookPatches: [] },
    })
    expect(call).toMatchObject({ cursor: '1.2', page: 40, contract: '1.6.0', entries: [] })
  })

  it('[ENG-32] names the writes of which a server takes less than was written', async () => {
    const { queue, compose } = await composing({ contract: '1.3.0' })
    const [, altered] = await queue(
      ...notes.map((document, i) => ({
        document: i === 1 ? { ...document, notObserved: ['/extraction/crop'] } : document,
      })),
    )
    const { call, request } = await compose()
    expect(call).toMatchObject({ altered: [altered], contract: '1.3.0' })
    expect(request.upserts.observations).toEqual(notes)
  })
})

describe('the report of a batch', () => {
  it('[ENG-25] has the numbers of the queue, and no more where there is no more', async () => {
    const { compose } = await composing()
    const { call, request } = await compose()
    expect(request.report).toEqual({ pending: 0, conflicts: 0, quarantined: 0 })
    expect(call.reported).toEqual({ resolved: 0, drift: false })
  })

  it('[ENG-25, HSH-5] has the oldest write, what was resolved, drift, and what is only here', async () => {
    const { queue, change, store, time, compose } = await composing()
    time.now = START - 60_000
    await queue({ document: notes[0] as Observation })
    time.now = START
    await queue({ document: notes[1] as Observation })
    await change(async (changeset) => {
      Object.assign(changeset.queue, { conflicts: 3, quarantined: 4, localOnly: 1 })
    })
    await store({ resolved: resolved.slice(0, 2), drift })
    const { call, request } = await compose()
    expect(request.report).toEqual({
      pending: 2,
      conflicts: 3,
      quarantined: 4,
      localOnly: 1,
      oldestPendingAt: new Date(START - 60_000).toISOString(),
      resolved: resolved.slice(0, 2),
      drift,
    })
    expect(call.reported).toEqual({ resolved: 2, drift: true })
  })

  it('[ENG-32] leaves out what the server does not know', async () => {
    const { change, compose } = await composing({ contract: '1.3.0' })
    await change(async (changeset) => {
      changeset.queue.localOnly = 1
    })
    expect((await compose()).request.report).toEqual({ pending: 0, conflicts: 0, quarantined: 0 })
  })

  it.each([
    [500, 200],
    [499, 200],
    [150, 150],
    [1, 1],
  ])(
    '[ENG-25, ENG-49] with an answer of %i records names at most %i resolved conflicts',
    async (page, count) => {
      const { store, compose } = await composing({ page })
      await store({ resolved })
      const { call, request } = await compose()
      expect(request.report?.resolved).toEqual(resolved.slice(0, count))
      expect(call.reported.resolved).toBe(count)
    },
  )

  it('[ENG-25] names 200 where a program asks for small pages by itself', async () => {
    const world = await testContext({ settings: { pageRecords: 10 } })
    await world.store({ resolved })
    const { call } = await world.change((changeset) => composeCall(world.context, changeset, phone, [], 10))
    expect(call.reported.resolved).toBe(200)
  })
})
