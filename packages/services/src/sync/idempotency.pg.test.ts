import {
  observation,
  playbookPatch,
  recommendation,
  syncBatch,
  type SyncBatchInput,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { footprint } from '../testing/footprint.ts'
import { testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const CONFLICT = { code: 'IDEMPOTENCY_CONFLICT' }

const withNote = (batch: SyncBatchInput, rawNoteText: string): SyncBatchInput => ({
  ...batch,
  upserts: {
    ...batch.upserts,
    observations: batch.upserts.observations.map((each) => ({ ...each, rawNoteText })),
  },
})

describe('replay of a batch', () => {
  it('[IDM-2] answers the stored response byte for byte, downstream included, whatever happened since', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const theirs = observation({ deviceId: 'dev_scout_2' })
    await bob.push({
      observations: [theirs],
      recommendations: [recommendation({ observationId: theirs.observationId })],
    })
    const mine = observation()
    const batch = syncBatch({
      observations: [mine, observation({ deviceId: 'dev_scout_9' })],
      recommendations: [recommendation()],
    })
    const first = await alice.send(batch, 'key-1')
    expect(first.replayed).toBe(false)
    expect(first.answer.downstream.observations).toEqual([theirs])
    await bob.push({ observations: [observation({ deviceId: 'dev_scout_2' })] })
    await alice.push({ observations: [{ ...mine, status: 'confirmed', updatedAt: '2026-02-12T07:00:00Z' }] })
    services.clock.advance(60_000)
    const before = await footprint(services, workspace.workspaceId)
    const again = await alice.send(batch, 'key-1')
    expect(again).toEqual({ ...first, replayed: true })
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })

  it('[IDM-2] compares payloads by meaning, not by key order', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const seen = observation()
    const batch = syncBatch({ observations: [seen] })
    const first = await alice.send(batch)
    const turned = Object.fromEntries(Object.entries(seen).toReversed()) as typeof seen
    const again = await alice.send({ ...batch, upserts: { ...batch.upserts, observations: [turned] } })
    expect(again).toEqual({ ...first, replayed: true })
  })

  it('[IDM-2] replays also when the cursor of the request is no longer valid', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const { serverCursor } = await alice.push({ observations: [observation()] })
    const batch = syncBatch({ observations: [observation()], lastKnownServerCursor: serverCursor })
    const first = await alice.send(batch)
    await services.owner.pool.query(
      `DELETE FROM log_commits WHERE workspace_id = $1 AND last_position < (SELECT position FROM workspace_heads WHERE workspace_id = $1)`,
      [workspace.workspaceId],
    )
    await expect(alice.pull(serverCursor)).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    expect(await alice.send(batch)).toEqual({ ...first, replayed: true })
  })

  it('[IDM-3] a known key with another payload is refused without effect', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()] })
    await alice.send(batch, 'key-1')
    const before = await footprint(services, workspace.workspaceId)
    const others = [
      withNote(batch, 'Another note'),
      { ...batch, requestedAt: '2026-02-11T23:59:59Z' },
      { ...batch, maxDownstream: 7 },
      { ...batch, report: { pending: 0, conflicts: 0, quarantined: 0 } },
    ]
    for (const other of others) {
      await expect(alice.send(other, 'key-1')).rejects.toMatchObject(CONFLICT)
      await expect(alice.send(other, 'key-2')).rejects.toMatchObject(CONFLICT)
      await expect(alice.send({ ...other, syncId: 'syn_other' }, 'key-1')).rejects.toMatchObject(CONFLICT)
    }
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })

  it('[IDM-1] key and syncId share one name space, in both directions', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const batch = { ...syncBatch({ observations: [observation()] }), syncId: 'one' }
    const first = await alice.send(batch, 'two')
    expect(await alice.send(batch, 'one')).toEqual({ ...first, replayed: true })
    expect(await alice.send(batch, 'three')).toEqual({ ...first, replayed: true })
    const other = syncBatch({ observations: [observation()] })
    await expect(alice.send({ ...other, syncId: 'two' }, 'four')).rejects.toMatchObject(CONFLICT)
    await expect(alice.send({ ...other, syncId: 'five' }, 'one')).rejects.toMatchObject(CONFLICT)
    await expect(alice.send({ ...other, syncId: 'one' }, 'five')).rejects.toMatchObject(CONFLICT)
    await expect(alice.send({ ...other, syncId: 'five' }, 'two')).rejects.toMatchObject(CONFLICT)
    expect((await alice.send({ ...other, syncId: 'five' }, 'four')).replayed).toBe(false)
  })

  it('[IDM-3] either of the two keys bound to another payload refuses, also when the other would replay', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()] })
    const other = syncBatch({ observations: [observation()] })
    await alice.send(batch, 'key-1')
    await alice.send(other, 'key-2')
    await expect(alice.send(batch, 'key-2')).rejects.toMatchObject(CONFLICT)
    await expect(alice.send(batch, other.syncId)).rejects.toMatchObject(CONFLICT)
  })

  it('[IDM-1] the same key of another device, workspace or operation is another key', async () => {
    const workspace = await services.workspace()
    const elsewhere = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const namesake = await elsewhere.device('dev_scout_1')
    const batch = { ...syncBatch({ observations: [observation()] }), syncId: 'shared' }
    for (const device of [alice, bob, namesake])
      expect((await device.send(batch, 'shared')).replayed).toBe(false)
    expect((await alice.create(observation(), 'shared')).replayed).toBe(false)
    expect((await alice.send(batch, 'shared')).replayed).toBe(true)
  })

  it('[IDM-8][GUA-2] the same records under a new key change nothing', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const seen = observation({ deviceId: 'dev_agro_1' })
    const records = {
      observations: [seen, { ...seen, status: 'confirmed' as const }],
      recommendations: [recommendation({ observationId: seen.observationId })],
      playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })],
    }
    await agro.push(records)
    const before = await footprint(services, workspace.workspaceId)
    const answer = await agro.push({ ...records, observations: records.observations.slice(1) })
    expect(answer.acceptedCounts).toEqual({ observations: 1, recommendations: 1, playbookPatches: 1 })
    const after = await footprint(services, workspace.workspaceId)
    const { workspace_heads: _head, sync_events: _event, audit_entries: _row, ...untouched } = before
    expect(after).toMatchObject(untouched)
  })
})

describe('what is not stored', () => {
  it('[IDM-5] a refusal burns no key', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()], lastKnownServerCursor: 'cur1_1_nonsense' })
    const before = await footprint(services, workspace.workspaceId)
    await expect(alice.send(batch, 'key-1')).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    await expect(alice.send({ ...batch, device: { ...batch.device } }, 'key-1')).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    })
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
    expect((await alice.send({ ...batch, lastKnownServerCursor: '' }, 'key-1')).replayed).toBe(false)
  })

  it('[IDM-6] a pull under the same key pulls again, and appends nothing', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const ask = syncBatch()
    const before = await footprint(services, workspace.workspaceId)
    expect((await alice.send(ask, 'key-1')).answer.downstream.observations).toEqual([])
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
    const seen = observation({ deviceId: 'dev_scout_2' })
    await bob.push({ observations: [seen] })
    const again = await alice.send(ask, 'key-1')
    expect(again.replayed).toBe(false)
    expect(again.answer.downstream.observations).toEqual([seen])
    expect((await alice.send(syncBatch({ observations: [observation()] }), 'key-1')).replayed).toBe(false)
  })

  it('[IDM-7] a pull under a key or a syncId of a stored batch is refused', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const batch = syncBatch({ observations: [observation()] })
    await alice.send(batch, 'key-1')
    await expect(alice.send(syncBatch(), 'key-1')).rejects.toMatchObject(CONFLICT)
    await expect(alice.send(syncBatch(), batch.syncId)).rejects.toMatchObject(CONFLICT)
    await expect(alice.send(syncBatch({ syncId: 'key-1' }), 'key-2')).rejects.toMatchObject(CONFLICT)
    await expect(alice.send(syncBatch({ syncId: batch.syncId }), 'key-2')).rejects.toMatchObject(CONFLICT)
    await bob.send(syncBatch(), 'key-1')
  })
})

it('[IDM-1][ACC-8] what one device stored under a key is no answer to another that sends the same under it', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const bob = await workspace.device('dev_scout_2')
  const hers = observation()
  await alice.create(hers, 'key-shared')
  // It has moved on since: what is sent again is refused, unless it is a retry.
  await alice.push({ observations: [{ ...hers, status: 'confirmed', updatedAt: '2026-02-12T07:00:00Z' }] })
  expect(await alice.create(hers, 'key-shared')).toMatchObject({ answer: hers, replayed: true })
  await expect(bob.create(hers, 'key-shared')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const batch = syncBatch({ observations: [observation()] })
  await alice.send(batch, 'key-batch')
  expect(await bob.send(batch, 'key-batch')).toMatchObject({ replayed: false })
})
