import type { Recommendation } from '@fieldsync/contracts'
import { expect, it, onTestFinished } from 'vitest'

import { listAudit } from '../audit/list.ts'
import { JOB_TASKS, type JobPayload } from '../core/job-tasks.ts'
import { listJobs } from '../jobs/list.ts'
import { RECOMPUTED_AT_ONCE } from '../sync/add-successors.ts'
import { content, Publisher, STARTER } from '../testing/publishing.ts'
import { advised, mildew, recommendationsOf, scoutedBlock, windTo } from '../testing/scouted-block.ts'
import { testServices } from '../testing/test-workspace.ts'
import { recomputePart } from './recompute-part.ts'

const services = await testServices()

/** More pending recommendations than one request, and one part of a job, look at. */
async function manyPending() {
  const block = await scoutedBlock(services)
  onTestFinished(async () => {
    await services.owner.pool.query('DELETE FROM graphile_worker._private_jobs')
  })
  const notes = Array.from({ length: 2 * RECOMPUTED_AT_ONCE + 3 }, () => mildew())
  const made = notes.map((each) => advised(each))
  await block.scout.push({ observations: notes, recommendations: made })
  return { ...block, made }
}

const jobsOf = async (workspaceId: string): Promise<JobPayload[]> =>
  (await listJobs({ ctx: services.admin, input: { workspaceId, limit: 10 } })).map(({ payload }) =>
    JOB_TASKS.recompute.parse(payload),
  )

async function runToEnd(payload: JobPayload | undefined): Promise<number> {
  let parts = 0
  for (let left = payload; left; parts++) left = await recomputePart({ ctx: services.admin, payload: left })
  return parts
}

const supersedes = (all: ReadonlyMap<string, Recommendation>): (string | undefined)[] =>
  [...all.values()].flatMap((each) => (each.supersedes === undefined ? [] : [each.supersedes])).toSorted()

it('[REC-16] a job gives the rest their successors, part by part, each once however often it is done', async () => {
  const { agro, made, workspace } = await manyPending()
  await agro.patch(windTo(10, { baseVersion: 3 }))
  const [job, ...others] = await jobsOf(workspace.workspaceId)
  expect(others).toEqual([])
  expect(job).toMatchObject({ playbookId: STARTER, playbookVersion: 4 })
  expect(supersedes(await recommendationsOf(agro))).toHaveLength(RECOMPUTED_AT_ONCE)
  expect(await runToEnd(job)).toBe(2)
  const all = await recommendationsOf(agro)
  expect(supersedes(all)).toEqual(made.map(({ recommendationId }) => recommendationId).toSorted())
  // From its beginning, and from the newest: as a server does that was killed, or two at once.
  await Promise.all([runToEnd(job), runToEnd(job && { ...job, before: undefined })])
  expect(await recommendationsOf(agro)).toEqual(all)
  const { items } = await listAudit({ ctx: agro.ctx(), input: { limit: 1 } })
  expect(items.toJSON()).toMatchObject([
    {
      action: 'recommendations.recompute',
      actor: { kind: 'system' },
      change: { kind: 'create', cause: { playbookVersion: 4 } },
    },
  ])
})

it('[REC-16] a job whose version is no longer active does nothing: that of the newer one does it', async () => {
  const { agro, made, workspace } = await manyPending()
  await new Publisher(await workspace.device('dev_admin', 'admin')).publish(3, content('Wait.'))
  await agro.patch(windTo(10, { baseVersion: 4 }))
  const [older, newer] = await jobsOf(workspace.workspaceId)
  const before = await recommendationsOf(agro)
  expect(await recomputePart({ ctx: services.admin, payload: older ?? expect.fail() })).toBeUndefined()
  expect(await recommendationsOf(agro)).toEqual(before)
  await runToEnd(newer)
  const after = [...(await recommendationsOf(agro)).values()]
  // Of what was given one by version 4, the one in whose place it is.
  const heads = after.filter(({ playbookVersion }) => playbookVersion === 5)
  expect(new Set(heads.map(({ observationId }) => observationId)).size).toBe(made.length)
  expect(heads.every(({ action }) => action === 'Wait.')).toBe(true)
})
