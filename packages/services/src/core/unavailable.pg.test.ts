import {
  DeviceId,
  Observation,
  ObservationId,
  PatchId,
  PlaybookId,
  PlaybookPatch,
  RecommendationId,
  SyncBatchRequest,
  SyncId,
  WeatherFeaturesId,
} from '@fieldsync/contracts'
import { type Database, openDatabase } from '@fieldsync/db'
import { device, observation, playbookPatch, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { getSession } from '../access/get-session.ts'
import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { createDevice } from '../devices/create.ts'
import { listDevices } from '../devices/list.ts'
import { revokeDevice } from '../devices/revoke.ts'
import { checkHealth } from '../health/check.ts'
import { getOverview } from '../overview/get.ts'
import { applyPlaybookPatch } from '../playbooks/apply-patch.ts'
import { getPatch, getPlaybook } from '../playbooks/get.ts'
import { listPlaybooks, listPlaybookVersions } from '../playbooks/list.ts'
import { createObservation } from '../records/create.ts'
import { getObservation, getRecommendation, getWeather } from '../records/get.ts'
import { listRecommendations } from '../records/list-recommendations.ts'
import { listCorrections, listObservations } from '../records/list.ts'
import { getSync } from '../sync-history/get.ts'
import { listSyncs } from '../sync-history/list.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import { testServices } from '../testing/test-workspace.ts'
import { listWorkspaces } from '../workspaces/list.ts'
import { systemContext } from '../write/admin-context.ts'
import { Runtime } from './runtime.ts'

const services = await testServices()
const alice = await (await services.workspace()).device('dev_scout_1', 'admin')

const ids = {
  observationId: ObservationId.parse('obs_20260211_0001'),
  recommendationId: RecommendationId.parse('rec_20260211_0001'),
  patchId: PatchId.parse('pch_20260211_0001'),
  playbookId: PlaybookId.parse('pbk_yolo_grape'),
  weatherFeaturesId: WeatherFeaturesId.parse('wxf_20260211_demo_01'),
  deviceId: DeviceId.parse('dev_scout_1'),
  syncId: SyncId.parse('sync_1'),
}
const batch = (records: Parameters<typeof syncBatch>[0]) =>
  SyncBatchRequest.parse({ ...syncBatch(records), device: device({ deviceId: 'dev_scout_1' }) })

/** Every verb that touches the database, on a runtime of the test's choice. */
const calls = (runtime: Runtime): Record<string, () => Promise<unknown>> => {
  const ctx = { ...alice.ctx(), runtime }
  const admin = { ...services.admin, runtime }
  const { workspaceId } = alice.actor
  return {
    health: () => checkHealth({ runtime, clock: services.clock, version: '1' }),
    authenticate: () =>
      authenticate({
        ctx: { ...services.admin, runtime },
        credentials: { deviceToken: 'x', bearer: undefined },
      }),
    pull: () => applyBatch({ ctx, input: batch({}) }),
    push: () => applyBatch({ ctx, input: batch({ observations: [observation()] }) }),
    createObservation: () => createObservation({ ctx, input: Observation.parse(observation()) }),
    applyPlaybookPatch: () =>
      applyPlaybookPatch({ ctx, input: PlaybookPatch.parse(playbookPatch({ baseVersion: 2 })) }),
    listObservations: () => listObservations({ ctx, input: {} }),
    getObservation: () => getObservation({ ctx, input: ids }),
    listCorrections: () => listCorrections({ ctx, input: ids }),
    listRecommendations: () => listRecommendations({ ctx, input: {} }),
    getRecommendation: () => getRecommendation({ ctx, input: ids }),
    listPlaybooks: () => listPlaybooks({ ctx, input: {} }),
    getPlaybook: () => getPlaybook({ ctx, input: ids }),
    getPatch: () => getPatch({ ctx, input: ids }),
    getWeather: () => getWeather({ ctx, input: ids }),
    listAudit: () => listAudit({ ctx, input: {} }),
    getSession: () => getSession({ ctx, input: {} }),
    getOverview: () => getOverview({ ctx, input: {} }),
    listDevices: () => listDevices({ ctx, input: {} }),
    createDevice: () =>
      createDevice({
        ctx,
        input: { deviceId: ids.deviceId, role: 'scout' },
      }),
    revokeDevice: () => revokeDevice({ ctx, input: { deviceId: DeviceId.parse('dev_none') } }),
    listSyncs: () => listSyncs({ ctx, input: {} }),
    getSync: () => getSync({ ctx, input: ids }),
    listPlaybookVersions: () => listPlaybookVersions({ ctx, input: { playbookId: ids.playbookId } }),
    narrowedObservations: () => listObservations({ ctx, input: { text: 'x' } }),
    verifyAudit: () => verifyAudit({ ctx, input: {} }),
    systemContext: () => systemContext(admin, workspaceId),
    listWorkspaces: () => listWorkspaces({ ctx: admin }),
  }
}

const onDatabase = (db: Database) => new Runtime({ db, pepper: services.pepper })

const UNAVAILABLE = { code: 'UNAVAILABLE', retryAfterSeconds: expect.any(Number) as number }
const NAMES = Object.keys(calls(services.runtime))

describe('while the database is away', () => {
  // Nobody listens on this port.
  const away = openDatabase({
    url: 'postgresql://nobody@127.0.0.1:1/none',
    max: 2,
    limits: { connectMs: 2000 },
  })

  it.each(NAMES)('[RUN-9][ERR-19] %s answers UNAVAILABLE', async (name) => {
    await expect(calls(onDatabase(away))[name]?.()).rejects.toMatchObject(UNAVAILABLE)
  })

  it.each(NAMES)(
    '[RUN-9] %s is UNAVAILABLE when its connection is lost, and works again after',
    async (name) => {
      const lost = openDatabase({ url: services.urls.appUrl, max: 4 })
      try {
        const runtime = onDatabase(lost)
        const call = () => calls(runtime)[name]?.() ?? Promise.reject(new Error(name))
        const outcome = () =>
          call().then(
            () => 'done',
            (error: { code?: string }) => error.code,
          )
        const before = await outcome()
        expect(before).not.toBe('UNAVAILABLE')
        await services.superuser.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        )
        expect(['UNAVAILABLE', before]).toContain(await outcome())
        expect(await outcome()).toBe(before)
      } finally {
        await lost.close()
      }
    },
  )
})

describe('when no connection is free', () => {
  it('[ERR-19] a request is answered UNAVAILABLE and does not wait forever', async () => {
    const small = openDatabase({ url: services.urls.appUrl, max: 1, limits: { connectMs: 1500 } })
    const taken = await small.pool.connect()
    try {
      await expect(calls(onDatabase(small))['push']?.()).rejects.toMatchObject(UNAVAILABLE)
      await expect(calls(onDatabase(small))['getWeather']?.()).rejects.toMatchObject(UNAVAILABLE)
    } finally {
      taken.release()
      await small.close()
    }
  })

  it('[BAT-1] one connection is enough for every verb', async () => {
    const single = openDatabase({ url: services.urls.appUrl, max: 1, limits: { connectMs: 5000 } })
    try {
      for (const call of Object.values(calls(onDatabase(single)))) {
        expect(
          await call().then(
            () => 'done',
            (error: { code?: string }) => error.code,
          ),
        ).not.toBe('UNAVAILABLE')
      }
    } finally {
      await single.close()
    }
  })
})
