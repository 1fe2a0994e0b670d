import type { ChainHead } from '@fieldsync/domain'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { AdminContext } from '../core/context.ts'
import { Runtime } from '../core/runtime.ts'
import { testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { contradictionsOf } from './contradictions.ts'
import { listAudit } from './list.ts'
import { pruneAudit } from './prune.ts'
import { verifyAudit } from './verify.ts'

const services = await testServices()
const minute = 60_000
const start = services.clock.now().getTime()

/** The operator with the owner's role. */
const owner = (): AdminContext => ({
  ...services.admin,
  runtime: new Runtime({ db: services.owner, pepper: services.pepper }),
})

/** A chain of one row a minute, and the checkpoint of each row. */
async function farm(): Promise<{ workspace: TestWorkspace; checkpoints: ChainHead[] }> {
  services.clock.time = new Date(start)
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  for (let i = 0; i < 8; i++) {
    services.clock.advance(minute)
    await scout.push({ observations: [observation()] })
  }
  services.clock.advance(minute)
  const { rows } = await services.db.pool.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM audit_entries WHERE workspace_id = $1 ORDER BY seq',
    [workspace.workspaceId],
  )
  return { workspace, checkpoints: rows.map(({ hash, seq }) => ({ seq: Number(seq), hash })) }
}
const verify = async ({ workspaceId }: TestWorkspace, witnesses: readonly ChainHead[] = []) =>
  await verifyAudit({ ctx: await services.system(workspaceId), input: { witnesses } })
const at = (minutes: number) => new Date(start + minutes * minute)
const rowsOf = async ({ workspaceId }: TestWorkspace) =>
  (
    await services.db.pool.query<{ seq: string }>(
      'SELECT seq FROM audit_entries WHERE workspace_id = $1 ORDER BY seq',
      [workspaceId],
    )
  ).rows.map(({ seq }) => Number(seq))
const search = async ({ workspaceId }: TestWorkspace) =>
  (
    await listAudit({ ctx: await services.system(workspaceId), input: { action: 'sync.batch', limit: 500 } })
  ).items
    .toJSON()
    .map(({ seq }) => seq)

describe('pruning the audit', () => {
  it('[AUD-21] removes rows up to the last checkpoint before the time, and leaves a chain that verifies', async () => {
    const { workspace, checkpoints } = await farm()
    const { workspaceId } = workspace
    await search(workspace)
    const every = checkpoints.filter(({ seq }) => seq % 4 === 0)
    const pruned = await pruneAudit({
      ctx: owner(),
      input: { workspaceId, before: at(5), checkpoints: every },
    })
    expect(pruned).toEqual({ beginning: checkpoints[3], rows: 4 })
    expect(await rowsOf(workspace)).toEqual([5, 6, 7, 8, 9, 10, 11])
    expect(await verify(workspace, checkpoints)).toMatchObject({ ok: true, seq: 11 })
    expect(await search(workspace)).toEqual([10, 9, 8, 7, 6, 5])
    const listed = await listAudit({
      ctx: await services.system(workspaceId),
      input: { action: 'audit.prune' },
    })
    expect(listed.items.toJSON()).toMatchObject([{ target: { id: '4' }, change: { kind: 'beginning' } }])
    // Again, and further.
    await pruneAudit({ ctx: owner(), input: { workspaceId, before: at(8), checkpoints } })
    expect(await verify(workspace, checkpoints)).toMatchObject({ ok: true, seq: 12 })
  })

  it('[AUD-21] never goes beyond the last checkpoint', async () => {
    const { workspace, checkpoints } = await farm()
    const { workspaceId } = workspace
    const input = { workspaceId, before: at(1000), checkpoints: checkpoints.slice(0, 6) }
    expect(await pruneAudit({ ctx: owner(), input })).toMatchObject({ beginning: { seq: 6 } })
    const { workspace: other } = await farm()
    const none = { workspaceId: other.workspaceId, before: at(1000), checkpoints: [] }
    await expect(pruneAudit({ ctx: owner(), input: none })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(
      pruneAudit({ ctx: owner(), input: { ...none, before: at(-1), checkpoints: [] } }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await rowsOf(other)).length).toBe(10)
  })

  it('[AUD-21] leaves a chain that contradicts a checkpoint as it is', async () => {
    const { workspace, checkpoints } = await farm()
    const wrong = [...checkpoints.slice(0, 5), { seq: 7, hash: 'f'.repeat(64) }]
    const input = { workspaceId: workspace.workspaceId, before: at(4), checkpoints: wrong }
    await expect(pruneAudit({ ctx: owner(), input })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await rowsOf(workspace)).length).toBe(10)
  })

  it('[AUD-21][AUD-10] a beginning that no entry says, or that is another row, is found', async () => {
    const { workspace, checkpoints } = await farm()
    const { workspaceId } = workspace
    const set = (seq: number, hash: string) =>
      services.superuser.pool.query(
        `INSERT INTO audit_beginnings (workspace_id, seq, hash) VALUES ($1, $2, $3)
          ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
        [workspaceId, seq, hash],
      )
    await set(3, checkpoints[2]?.hash ?? '')
    expect(await verify(workspace)).toMatchObject({
      ok: false,
      seq: 3,
      reason: expect.stringContaining('no entry'),
    })
    await set(3, 'f'.repeat(64))
    expect(await verify(workspace)).toMatchObject({ ok: false, seq: 4 })
    expect(await contradictionsOf(services.admin, workspaceId, checkpoints)).toMatchObject([
      { checkpoint: { seq: 3 }, kind: 'rewritten' },
    ])
  })

  it('[AUD-9][AUD-21] the application can neither say where a chain begins nor remove a row', async () => {
    const { workspace, checkpoints } = await farm()
    const { workspaceId } = workspace
    await expect(
      pruneAudit({ ctx: services.admin, input: { workspaceId, before: at(5), checkpoints } }),
    ).rejects.toMatchObject({ code: '42501' })
    expect(await rowsOf(workspace)).toEqual(checkpoints.map(({ seq }) => seq))
    expect(await verify(workspace, checkpoints)).toMatchObject({ ok: true })
  })
})
