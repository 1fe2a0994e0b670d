import { type DeviceId, SyncBatchRequest } from '@fieldsync/contracts'
import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { listAudit } from '../audit/list.ts'
import type { ServiceContext } from '../core/context.ts'
import { listDevices } from '../devices/list.ts'
import { revokeDevice } from '../devices/revoke.ts'
import { startLive } from '../live/start-live.ts'
import { getOverview } from '../overview/get.ts'
import { listRecommendations } from '../records/list-recommendations.ts'
import { listCorrections, listObservations } from '../records/list.ts'
import { getSync } from '../sync-history/get.ts'
import { listSyncs } from '../sync-history/list.ts'
import { liveReader } from '../testing/live-reader.ts'
import {
  replicaReads,
  scoutedWorkspace,
  testReplicatedServices,
  written,
} from '../testing/replicated-services.ts'
import type { TestServices } from '../testing/test-workspace.ts'
import { WorkspaceCopy } from '../testing/workspace-copy.ts'
import { applyBatch } from './apply-batch.ts'

const { both, services, news } = await testReplicatedServices()
/** A server without the replica. */
const plain = both.server({ readUrl: null })

const readsOf = (work: () => Promise<unknown>, of = services) => replicaReads(of, work)
const scouted = (count: number) => scoutedWorkspace(services, count)

const LISTS: Readonly<Record<string, (ctx: ServiceContext, ids: readonly string[]) => Promise<unknown>>> = {
  observations: (ctx) => listObservations({ ctx, input: {} }),
  'observations, narrowed': (ctx) => listObservations({ ctx, input: { status: 'draft', text: 'a' } }),
  corrections: (ctx, [id]) =>
    listCorrections({ ctx, input: { observationId: id } as Parameters<typeof listCorrections>[0]['input'] }),
  recommendations: (ctx) => listRecommendations({ ctx, input: {} }),
  audit: (ctx) => listAudit({ ctx, input: {} }),
  'audit, searched': (ctx) => listAudit({ ctx, input: { deviceId: 'dev_scout_1' as DeviceId } }),
  syncs: (ctx) => listSyncs({ ctx, input: {} }),
  devices: (ctx) => listDevices({ ctx, input: {} }),
  overview: (ctx) => getOverview({ ctx, input: {} }),
}

describe('[REP-1, REP-2] a replica that has everything', () => {
  it('answers all pages of a first pull, with the records and the state hash that the primary has', async () => {
    const { scout, ids } = await scouted(30)
    await both.catchUp()
    const copy = new WorkspaceCopy()
    const seen: string[] = []
    let last: string | undefined
    let pages = 0
    const reads = await readsOf(async () => {
      for (const page of await scout.pullAll('', 7)) {
        copy.take(page)
        seen.push(...page.downstream.observations.map(({ observationId }) => observationId))
        last = page.downstream.stateHash
        pages++
      }
    })
    expect(reads).toEqual({ replica: pages })
    expect(seen).toEqual(ids)
    expect(last).toBe(copy.hash)
    const atPrimary = await scout.at(plain).pullAll('', 7)
    expect(atPrimary.at(-1)?.downstream.stateHash).toBe(last)
  })

  it('is not asked for the few records that a poke is sent for, and answers who is far behind', async () => {
    const { scout } = await scouted(1)
    const { serverCursor } = await scout.pull()
    await written(scout, 3)
    await both.catchUp()
    expect(await readsOf(() => scout.pull(serverCursor))).toEqual({})
    await written(scout, 500)
    await both.catchUp()
    expect(await readsOf(() => scout.pull(serverCursor))).toEqual({ replica: 1 })
    // Nothing to read.
    const head = (await scout.pullAll(serverCursor)).at(-1)?.serverCursor
    expect(await readsOf(() => scout.pull(head))).toEqual({})
  })

  it.each(Object.entries(LISTS))('answers the list of %s as the primary does', async (_, list) => {
    const { scout, ids } = await scouted(5)
    // Also brings the index of the audit up to date.
    const expected = JSON.stringify(await list(scout.at(plain).ctx(), ids))
    await both.catchUp()
    let found = ''
    expect(
      await readsOf(async () => {
        found = JSON.stringify(await list(scout.ctx(), ids))
      }),
    ).toEqual({ replica: 1 })
    expect(found).toBe(expected)
  })

  it('answers one sync of the history', async () => {
    const { scout } = await scouted(1)
    const batch = syncBatch({ observations: [observation()] })
    await scout.send(batch)
    await both.catchUp()
    const { deviceId } = scout.actor
    const { syncId } = SyncBatchRequest.parse(batch)
    const get = (of: TestServices) => getSync({ ctx: scout.at(of).ctx(), input: { deviceId, syncId } })
    expect(await readsOf(() => get(services))).toEqual({ replica: 1 })
    expect((await get(services)).text).toBe((await get(plain)).text)
  })
})

describe('[REP-2] a replica that lags', () => {
  it.each(['this server', 'another server'])('does not hide a write at %s', async (where) => {
    const { scout, ids } = await scouted(3)
    await both.catchUp()
    await both.pause()
    const writer = where === 'this server' ? scout : scout.at(plain)
    ids.push(...(await written(writer, 1)))
    const reads = await readsOf(async () => {
      const pulled = await scout.pullAll('', 2)
      expect(pulled.flatMap(({ downstream }) => downstream.observations.map((o) => o.observationId))).toEqual(
        ids,
      )
      const { items } = await listObservations({ ctx: scout.ctx(), input: {} })
      expect(items.toJSON().map(({ observationId }) => observationId)).toEqual(ids.toReversed())
      const audit = (await listAudit({ ctx: scout.ctx(), input: {} })).items.toJSON()
      expect(audit[0]?.target?.id).toBe(ids.at(-1))
    })
    expect(reads).toEqual({ behind: 4 })
  })

  it('does not hide what a verb of the console has done', async () => {
    const { workspace, scout } = await scouted(1)
    const other = await workspace.device('dev_scout_2')
    await both.catchUp()
    await both.pause()
    await revokeDevice({ ctx: scout.ctx(), input: { deviceId: other.actor.deviceId } })
    const devices = (await listDevices({ ctx: scout.ctx(), input: {} })).items.toJSON()
    expect(devices.map(({ deviceId, state }) => [deviceId, state])).toContainEqual(['dev_scout_2', 'revoked'])
  })

  it('does not search an index of the audit that it does not have', async () => {
    const { scout, ids } = await scouted(1)
    await both.catchUp()
    await both.pause()
    // Brings the index up to date, at the primary.
    const search = async (): Promise<void> => {
      const input = { recordId: ids[0] }
      const { items } = await listAudit({ ctx: scout.ctx(), input })
      expect(items.toJSON().map(({ target }) => target?.id)).toEqual(ids)
    }
    expect(await readsOf(search)).toEqual({ behind: 1 })
    await both.catchUp()
    expect(await readsOf(search)).toEqual({ replica: 1 })
  })

  it('does not hide what a poke was sent for', async () => {
    const { workspace, scout } = await scouted(3)
    const reader = await workspace.device('dev_reader')
    await both.catchUp()
    const hearing = Promise.withResolvers<void>()
    const options = { limits: { perDevice: 5, perServer: 100 }, onDeaf: () => undefined, reviewEveryMs: 20 }
    const url = services.urls.appUrl
    const live = startLive(services.runtime, { ...options, url, onHearing: hearing.resolve })
    onTestFinished(async () => await live[Symbol.asyncDispose]())
    await hearing.promise
    const stream = await liveReader(reader)
    await both.pause()
    const [id] = await written(scout, 1)
    await stream.poked()
    const pulled = await reader.pullAll('', 2)
    expect(pulled.flatMap(({ downstream }) => downstream.observations.map((o) => o.observationId))).toContain(
      id,
    )
  })

  it('still answers for workspaces that it has all of', async () => {
    const quiet = await scouted(3)
    const busy = await scouted(1)
    await both.catchUp()
    await both.pause()
    await written(busy.scout, 1)
    expect(await readsOf(() => quiet.scout.pull())).toEqual({ replica: 1 })
    expect(await readsOf(() => busy.scout.pull())).toEqual({ behind: 1 })
  })

  it('is not used at all beyond the limit, until it has caught up', async () => {
    const strict = both.server({ maxLagMs: 0 })
    const { scout } = await scouted(1)
    await both.catchUp()
    const isUsed = async (): Promise<boolean> => {
      await strict.db.replicas?.ask()
      return strict.db.replicas?.current !== undefined
    }
    await expect.poll(isUsed).toBe(true)
    await both.pause()
    await written(scout, 1)
    news.splice(0)
    for (let n = 0; n < 3; n++) {
      await strict.db.replicas?.ask()
      expect(await readsOf(() => scout.at(strict).pull(), strict)).toEqual({ unused: 1 })
    }
    expect(news).toEqual(['unused: it lags by more than 0 s'])
    await both.catchUp()
    await expect.poll(isUsed).toBe(true)
  })
})

describe('[REP-3] with a replica that replays nothing', () => {
  it('a revoked device, and a caller whose role was lowered, are refused at once', async () => {
    const { workspace } = await scouted(1)
    const device = await workspace.device('dev_scout_2', 'admin')
    await both.catchUp()
    const actor = await authenticate({
      ctx: services.admin,
      credentials: { deviceToken: device.token, bearer: undefined },
      fromMemory: true,
    })
    const ctx = () => ({ ...device.ctx(), actor })
    const pull = () => {
      const batch = syncBatch()
      const input = SyncBatchRequest.parse({
        ...batch,
        device: { ...batch.device, deviceId: actor.deviceId },
      })
      return applyBatch({ ctx: ctx(), input })
    }
    const list = () => listAudit({ ctx: ctx(), input: {} })
    await pull()
    await list()
    await both.pause()
    await plain.db.pool.query(
      `UPDATE devices SET role = 'viewer', epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2`,
      [actor.workspaceId, actor.deviceId],
    )
    await expect(list()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await device.revoke()
    await expect(pull()).rejects.toMatchObject({ code: 'AUTH_REQUIRED', details: { reason: 'revoked' } })
    await expect(list()).rejects.toMatchObject({ code: 'AUTH_REQUIRED', details: { reason: 'revoked' } })
  })
})
