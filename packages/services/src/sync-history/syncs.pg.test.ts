import { SyncDetail, SyncId, SyncRecord, type SyncsInput } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { SCANNED_ROWS } from '../lists/keyset.ts'
import { followPages } from '../testing/follow-pages.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { getSync } from './get.ts'
import { listSyncs } from './list.ts'

const services = await testServices()
const NONE = { observations: 0, recommendations: 0, playbookPatches: 0 }

const list = (device: TestDevice) => (input: SyncsInput) => listSyncs({ ctx: device.ctx(), input })
const listed = async (device: TestDevice, input: SyncsInput = {}) =>
  (await list(device)(input)).items.toJSON().map((item) => SyncRecord.parse(item))
const detail = async (device: TestDevice, syncId: string) => {
  const input = { deviceId: device.actor.deviceId, syncId: SyncId.parse(syncId) }
  return SyncDetail.parse((await getSync({ ctx: device.ctx(), input })).toJSON())
}

describe('stored batches', () => {
  it('[OPS-25] are listed newest first with what came and what became of it; a pull and a single write are none', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const viewer = await workspace.device('dev_viewer', 'viewer')
    const first = syncBatch({
      observations: [observation(), observation()],
      recommendations: [recommendation()],
    })
    const { text } = await alice.send(first)
    const firstAt = services.clock.now().toISOString()
    services.clock.advance(5000)
    await alice.create(observation())
    await alice.pull()
    const second = syncBatch({
      observations: [observation({ deviceId: 'dev_other' })],
      recommendations: [recommendation(), recommendation()],
      playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_other' })],
    })
    await alice.send(second)
    await alice.send(second)
    expect(await listed(viewer)).toEqual([
      {
        deviceId: 'dev_scout_1',
        syncId: second.syncId,
        receivedAt: services.clock.now().toISOString(),
        sent: { observations: 1, recommendations: 2, playbookPatches: 1 },
        accepted: NONE,
        conflicts: 4,
        codes: [
          { code: 'FORBIDDEN', count: 2 },
          { code: 'RECOMMENDATION_ORPHAN', count: 2 },
        ],
        answerBytes: expect.any(Number) as number,
      },
      {
        deviceId: 'dev_scout_1',
        syncId: first.syncId,
        receivedAt: firstAt,
        sent: { observations: 2, recommendations: 1, playbookPatches: 0 },
        accepted: { ...NONE, observations: 2 },
        conflicts: 1,
        codes: [{ code: 'RECOMMENDATION_ORPHAN', count: 1 }],
        answerBytes: Buffer.byteLength(text),
      },
    ])
  })

  it('[OPS-25] are found by device, time and conflict code', async () => {
    const workspace = await services.workspace()
    const [alice, bob] = [await workspace.device('dev_scout_1'), await workspace.device('dev_scout_2')]
    const times: string[] = []
    const send = async (device: TestDevice, records: Parameters<typeof syncBatch>[0]) => {
      services.clock.advance(1000)
      times.push(services.clock.now().toISOString())
      const batch = syncBatch(records)
      await device.send(batch)
      return batch.syncId
    }
    const good = await send(alice, { observations: [observation()] })
    const orphan = await send(alice, { recommendations: [recommendation()] })
    const foreign = await send(bob, { observations: [observation()] })
    const bobs = await send(bob, { observations: [observation({ deviceId: 'dev_scout_2' })] })
    const found = async (input: SyncsInput) => (await listed(alice, input)).map(({ syncId }) => syncId)
    const [, second = '', , last = ''] = times
    expect(await found({})).toEqual([bobs, foreign, orphan, good])
    expect(await found({ deviceId: alice.actor.deviceId })).toEqual([orphan, good])
    expect(await found({ from: second })).toEqual([bobs, foreign, orphan])
    expect(await found({ from: second.replace('Z', '1Z') })).toEqual([bobs, foreign])
    expect(await found({ to: last })).toEqual([foreign, orphan, good])
    expect(await found({ from: second, to: second.replace('Z', '1Z') })).toEqual([orphan])
    expect(await found({ code: 'FORBIDDEN' })).toEqual([foreign])
    expect(await found({ code: 'RECOMMENDATION_ORPHAN', deviceId: bob.actor.deviceId })).toEqual([])
    expect(await found({ code: 'OBSERVATION_IMMUTABLE' })).toEqual([])
    for (const instant of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59']) {
      await found({ from: instant })
      await found({ to: instant })
    }
  })

  it.each([1, 2, 3, 500])(
    '[OPS-25][OPS-17] of %i a page are shown once each, also those of one millisecond',
    async (limit) => {
      const alice = await (await services.workspace()).device('dev_scout_1')
      const sent: string[] = []
      for (let i = 0; i < 5; i++) {
        const batch = syncBatch({ observations: [observation()] })
        await alice.send(batch)
        sent.push(batch.syncId)
      }
      const { items } = await followPages((page) => list(alice)({ limit, ...page }))
      expect(items.map(({ syncId }) => syncId).toSorted()).toEqual(sent.toSorted())
    },
  )

  it.each(['k1', 't1', 't1.x', 't1.00000000-0000-0000-0000-00000000000', 't99999999999999999.'])(
    '[OPS-25][ERR-5] refuse the cursor %j',
    async (cursor) => {
      const alice = await (await services.workspace()).device('dev_scout_1')
      await expect(list(alice)({ cursor })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { issues: [{ path: '/cursor' }] },
      })
    },
  )

  it('[OPS-29] a rare one is found by following pages that look at a bounded number each', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const rare = syncBatch({ recommendations: [recommendation()] })
    await alice.send(rare)
    services.clock.advance(60_000)
    await alice.push({ observations: [observation()] })
    // As many newer ones as a page looks at, and one more.
    await services.owner.pool.query(
      `INSERT INTO sync_events (workspace_id, device_id, operation, idempotency_key, sync_id, request_sha256, response, counts, received_at)
       SELECT workspace_id, device_id, operation, 'copy_' || i, 'copy_' || i, request_sha256, '{}', counts, received_at
       FROM (SELECT * FROM sync_events WHERE workspace_id = $1 ORDER BY received_at DESC LIMIT 1) e, generate_series(1, $2) i`,
      [alice.actor.workspaceId, SCANNED_ROWS],
    )
    const code = 'RECOMMENDATION_ORPHAN' as const
    const { items, pages } = await followPages((page) => list(alice)({ code, ...page }))
    expect(items.map(({ syncId }) => syncId)).toEqual([rare.syncId])
    expect(pages).toEqual([0, 1])
  })

  it('[OPS-25] of an earlier version have no counts of what came', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    await alice.push({ observations: [observation()], recommendations: [recommendation()] })
    await services.owner.pool.query(
      `UPDATE sync_events SET counts = (counts::jsonb - 'sent' - 'codes')::json WHERE workspace_id = $1`,
      [alice.actor.workspaceId],
    )
    expect(await listed(alice)).toMatchObject([{ sent: null, codes: [], conflicts: 1 }])
  })
})

describe('one stored batch', () => {
  it('[OPS-26] is listed with each conflict, its reason, and whether it is still open', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const batch = syncBatch({
      observations: [observation({ deviceId: 'dev_other' })],
      recommendations: [recommendation()],
    })
    const { answer } = await alice.send(batch)
    const reasons = answer.conflicts.map(({ server: _server, playbook: _playbook, ...reason }) => reason)
    const open = { open: true, resolvedAt: null, resolvedAs: null }
    expect((await detail(alice, batch.syncId)).toldConflicts).toEqual(
      reasons.map((reason) => ({ ...reason, ...open })),
    )
    expect(reasons.map(({ code }) => code)).toEqual(['FORBIDDEN', 'RECOMMENDATION_ORPHAN'])
    expect(reasons[0]?.issues).not.toHaveLength(0)
    services.clock.advance(1000)
    const [{ conflictId } = { conflictId: '' }] = answer.conflicts
    const resolved = [{ conflictId, resolution: 'discard' as const }]
    await alice.push({ report: { pending: 0, conflicts: 0, quarantined: 0, resolved } })
    const resolvedAt = services.clock.now().toISOString()
    expect((await detail(alice, batch.syncId)).toldConflicts).toMatchObject([
      { open: false, resolvedAt, resolvedAs: 'discard' },
      open,
    ])
  })

  it('[OPS-26] tells what went down by id', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const seen = observation()
    // Its window is over by the test's clock, so that the patch affects it in no order of tests (REC-16).
    const advice = recommendation({ observationId: seen.observationId, generatedAt: '2026-02-11T00:00:00Z' })
    await alice.push({ observations: [seen], recommendations: [advice] })
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const batch = syncBatch({ playbookPatches: [patch], maxDownstream: 1 })
    await agro.send(batch)
    const small = await detail(agro, batch.syncId)
    expect(small.downstream).toEqual({
      observationIds: [seen.observationId],
      recommendationIds: [],
      playbooks: [{ playbookId: 'pbk_yolo_grape', version: 4 }],
      deleted: [],
      hasMore: true,
    })
    const whole = syncBatch({ observations: [observation({ deviceId: 'dev_agro_1' })] })
    await agro.send(whole)
    expect((await detail(agro, whole.syncId)).downstream).toMatchObject({
      observationIds: [seen.observationId],
      recommendationIds: [advice.recommendationId],
      hasMore: false,
    })
    const inList = (await listed(agro)).find(({ syncId }) => syncId === whole.syncId)
    expect(await detail(agro, whole.syncId)).toMatchObject(inList ?? { listed: true })
  })

  it('[OPS-26] that is none of this workspace, or was a single write, is NOT_FOUND', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const namesake = await (await services.workspace()).device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()] })
    await alice.send(batch)
    await alice.create(observation(), 'a-key')
    for (const [device, syncId] of [
      [namesake, batch.syncId],
      [alice, 'none'],
      [alice, 'a-key'],
    ] as const)
      await expect(detail(device, syncId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
