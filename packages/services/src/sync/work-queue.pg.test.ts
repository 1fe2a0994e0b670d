import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { holdLock } from '../testing/gate.ts'
import { testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const queue = async (workspaceId: string) =>
  (
    await services.db.pool.query<{ id: string; resolved: string | null; open: boolean; seen: number }>(
      `SELECT conflict_id AS id, resolved_as AS resolved, resolved_at IS NULL AS open,
         extract(epoch FROM last_seen_at - first_seen_at)::int AS seen
       FROM sync_conflicts WHERE workspace_id = $1 ORDER BY conflict_id`,
      [workspaceId],
    )
  ).rows

const report = (...resolved: { conflictId: string; resolution: 'discard' | 'accept_server' | 'fix' }[]) => ({
  pending: 0,
  conflicts: 0,
  quarantined: 0,
  resolved,
})

async function withConflict() {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const bob = await workspace.device('dev_scout_2')
  const orphan = recommendation()
  const { conflicts } = await alice.push({ recommendations: [orphan] })
  const conflictId = conflicts[0]?.conflictId ?? ''
  return { workspaceId: workspace.workspaceId, alice, bob, orphan, conflictId }
}

describe('the work queue', () => {
  it('[CNF-9][CNF-10] keeps one entry for a retried conflict until its device resolves it', async () => {
    const { workspaceId, alice, orphan, conflictId } = await withConflict()
    services.clock.advance(60_000)
    await alice.push({ recommendations: [orphan, orphan] })
    await alice.pull()
    expect(await queue(workspaceId)).toEqual([{ id: conflictId, resolved: null, open: true, seen: 60 }])
  })

  it('[CNF-9] keeps one entry for a refused patch, whatever became of the playbook meanwhile', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = (overrides: object) => playbookPatch({ requestedByDeviceId: 'dev_agro_1', ...overrides })
    const accepted = patch({})
    const reused = { ...accepted, reason: 'Another reason.' }
    const foreign = patch({ requestedByDeviceId: 'dev_agro_2' })
    const refused = async () =>
      (await agro.push({ playbookPatches: [reused, foreign] })).conflicts.map(({ conflictId }) => conflictId)
    await agro.push({ playbookPatches: [accepted] })
    const before = await refused()
    await agro.push({ playbookPatches: [patch({ baseVersion: 4 })] })
    expect(await refused()).toEqual(before)
    expect(await queue(workspace.workspaceId)).toHaveLength(2)
  })

  it('[CNF-9] another record, another device or another state on the server is another conflict', async () => {
    const workspace = await services.workspace()
    const [alice, agro, other] = [
      await workspace.device('dev_scout_1'),
      await workspace.device('dev_agro_1', 'agronomist'),
      await workspace.device('dev_agro_2', 'agronomist'),
    ]
    const draft = observation({ updatedAt: '2026-02-11T18:00:00Z' })
    await alice.push({ observations: [draft] })
    const stale = { ...draft, rawNoteText: 'Older', updatedAt: '2026-02-11T17:00:00Z' }
    const idOf = async (device: typeof alice, record: typeof draft) =>
      (await device.push({ observations: [record] })).conflicts.map(({ conflictId }) => conflictId)
    const ids = [
      ...(await idOf(agro, stale)),
      ...(await idOf(other, stale)),
      ...(await idOf(agro, { ...stale, rawNoteText: 'Older, and other' })),
    ]
    await alice.push({
      observations: [{ ...draft, rawNoteText: 'Newer', updatedAt: '2026-02-11T19:00:00Z' }],
    })
    ids.push(...(await idOf(agro, stale)))
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion: 1 })
    const mismatch = async () =>
      (await agro.push({ playbookPatches: [patch] })).conflicts.map(({ conflictId }) => conflictId)
    ids.push(...(await mismatch()))
    await other.push({ playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_2' })] })
    ids.push(...(await mismatch()))
    expect(new Set(ids).size).toBe(6)
    expect(await queue(workspace.workspaceId)).toHaveLength(6)
  })

  it.each(['push', 'pull'] as const)('[CNF-12] is emptied at once by a %s that reports', async (how) => {
    const { workspaceId, alice, conflictId } = await withConflict()
    const observations = how === 'push' ? [observation()] : []
    await alice.push({ observations, report: report({ conflictId, resolution: 'discard' }) })
    expect(await queue(workspaceId)).toMatchObject([{ resolved: 'discard', open: false }])
    await alice.push({ report: report({ conflictId, resolution: 'fix' }) })
    expect(await queue(workspaceId)).toMatchObject([{ resolved: 'discard', open: false }])
  })

  it.each(['push', 'pull'] as const)(
    '[CNF-12][GUA-7] a %s resolves nothing of others, and unknown ids are passed over',
    async (how) => {
      const { workspaceId, bob, conflictId } = await withConflict()
      const namesake = await (await services.workspace()).device('dev_scout_1')
      for (const device of [bob, namesake]) {
        const observations = how === 'push' ? [observation({ deviceId: device.actor.deviceId })] : []
        const resolved = [conflictId, 'cnf_unknown'].map((id) => ({
          conflictId: id,
          resolution: 'discard' as const,
        }))
        await device.push({ observations, report: report(...resolved) })
      }
      expect(await queue(workspaceId)).toMatchObject([{ open: true }])
    },
  )

  it('[CNF-11] a conflict that comes again after it was resolved is open again, also in the batch that reports it', async () => {
    const { workspaceId, alice, orphan, conflictId } = await withConflict()
    const resolved = report({ conflictId, resolution: 'discard' })
    await alice.push({ report: resolved })
    await alice.push({ recommendations: [orphan] })
    expect(await queue(workspaceId)).toMatchObject([{ id: conflictId, open: true, resolved: null }])
    await alice.push({ recommendations: [orphan], report: resolved })
    expect(await queue(workspaceId)).toMatchObject([{ id: conflictId, open: true, resolved: null }])
  })

  it('[CNF-12] a replay resolves nothing a second time', async () => {
    const { workspaceId, alice, orphan, conflictId } = await withConflict()
    const batch = syncBatch({
      observations: [observation()],
      report: report({ conflictId, resolution: 'discard' }),
    })
    await alice.send(batch)
    await alice.push({ recommendations: [orphan] })
    expect((await alice.send(batch)).replayed).toBe(true)
    expect(await queue(workspaceId)).toMatchObject([{ open: true }])
  })

  it('[CNF-12] a push that repeats a conflict and a pull that resolves it take turns, and neither fails', async () => {
    const { workspaceId, alice, orphan, conflictId } = await withConflict()
    // The push stops with the conflict written, and before it writes what it says of its device.
    await services.owner.pool.query(`
      CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
      CREATE TRIGGER slow_commit AFTER INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION wait_for_test()`)
    try {
      const gate = await holdLock(services, 1)
      const pushing = alice.push({ recommendations: [orphan] })
      await gate.waiting(1)
      const pulling = alice.push({ report: report({ conflictId, resolution: 'discard' }) })
      const both = Promise.all([pushing, pulling])
      await gate.waiting(2)
      await gate.open()
      await both
    } finally {
      await services.owner.pool.query('DROP TRIGGER slow_commit ON audit_entries')
    }
    expect(await queue(workspaceId)).toMatchObject([{ open: false, resolved: 'discard' }])
  })

  it('[OPS-18] conflicts of single-record calls are not filed, and have the id they have in a batch', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const foreign = observation({ deviceId: 'dev_scout_2' })
    const refused = await alice.create(foreign).catch((error: unknown) => error)
    expect(await queue(workspace.workspaceId)).toEqual([])
    const [conflict] = (await alice.push({ observations: [foreign] })).conflicts
    expect(refused).toMatchObject({ code: 'FORBIDDEN', details: { conflict } })
  })
})
