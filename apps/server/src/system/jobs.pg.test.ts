import { readJobs } from '@fieldsync/db'
import { observation, playbookPatch, recommendation, type TestServer } from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { type Caller, sync } from '../testing/sync-over-http.ts'
import { holdWrites } from './testing/blocked-writes.ts'
import { sharedSystem } from './testing/shared-system.ts'

const system = await sharedSystem(1)

/** More than a request looks at, and several parts of a job. */
const RECOMMENDATIONS = 330

/** Pending recommendations for mildew that was seen just now, by version 3 of the starter playbook. */
async function advise(scout: Caller, count: number): Promise<void> {
  const now = new Date().toISOString()
  for (let left = count; left > 0; left -= 110) {
    const observations = Array.from({ length: Math.min(left, 110) }, () => {
      const { extraction } = observation({ createdAt: now })
      return observation({
        createdAt: now,
        deviceId: scout.deviceId,
        status: 'confirmed',
        extraction: { ...extraction, issue: 'powdery_mildew', severity: 'moderate', observationTime: now },
      })
    })
    const recommendations = observations.map(({ observationId }) =>
      recommendation({ observationId, severity: 'moderate', generatedAt: now }),
    )
    expect((await sync(scout, { observations, recommendations })).status).toBe(200)
  }
}

async function changePlaybook(agronomist: Caller): Promise<void> {
  const { url, deviceId, token } = agronomist
  const path = '/rules/rule_pm_moderate/constraints/maxWindKph'
  const patch = playbookPatch({
    requestedByDeviceId: deviceId,
    baseVersion: 3,
    reason: 'New sprayer',
    operations: [{ op: 'replace', path, value: 10 }],
  })
  const answer = await fetch(`${url}/v1/playbooks/pbk_yolo_grape/patches:apply`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': patch.patchId,
      'x-device-token': token,
    },
    body: JSON.stringify(patch),
  })
  expect(answer.status).toBe(200)
}

const SUCCESSORS = `SELECT count(*)::int AS successors, count(DISTINCT document->>'supersedes')::int AS replaced
  FROM recommendations WHERE workspace_id = $1 AND document->>'supersedes' IS NOT NULL`

it('[JOB-3] [JOB-7] kill -9 of all servers in the middle of a job: each part is done, once in effect, by another one', async () => {
  const { pool } = system.superuser
  const workspaceId = await system.workspace()
  const scout = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const agronomist = await system.device(workspaceId, 'dev_agro_1', 'agronomist')
  const beside = await system.start()
  onTestFinished(() => beside[Symbol.asyncDispose]())
  const done = async () =>
    (await pool.query<{ successors: number; replaced: number }>(SUCCESSORS, [workspaceId])).rows[0]
  const jobs = () => readJobs(pool, { workspaceId, limit: 10 })

  await advise(scout, RECOMMENDATIONS)
  await changePlaybook(agronomist)
  const held = await holdWrites(system.superuser, workspaceId)
  onTestFinished(() => held.release())
  // One part waits for the workspace, in one of the two servers.
  await expect.poll(async () => (await jobs()).map(({ state }) => state)).toEqual(['running'])
  expect((await done())?.successors).toBeLessThan(RECOMMENDATIONS)
  const servers: TestServer[] = [...system.servers, beside]
  for (const server of servers) await server.kill('SIGKILL')
  await held.release()
  expect(await jobs()).toMatchObject([{ state: 'running' }])

  const next = await system.start()
  onTestFinished(() => next[Symbol.asyncDispose]())
  await next.logged('took over background jobs of a server that is gone')
  await expect.poll(jobs, { timeout: 60_000 }).toEqual([])
  expect(await done()).toEqual({ successors: RECOMMENDATIONS, replaced: RECOMMENDATIONS })
  expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
}, 240_000)
