import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { footprint, rowCounts } from '../testing/footprint.ts'
import { testServices } from '../testing/test-workspace.ts'

/** A recommendation made then has a window that is over at the test's clock, so that no change of a playbook affects it (REC-16). */
const OVER_BY_NOW = '2026-02-11T00:00:00Z'

const services = await testServices()

/** A batch that writes to every table. */
function wideBatch() {
  const seen = observation()
  const fixed = {
    correctionId: 'cor_1',
    reason: 'Restored',
    correctedAt: '2026-02-11T20:00:00Z',
    supersedes: 'sha256:00000000',
  }
  return syncBatch({
    observations: [seen, observation({ status: 'confirmed', correction: fixed })],
    recommendations: [
      recommendation({ observationId: seen.observationId, generatedAt: OVER_BY_NOW }),
      recommendation(),
    ],
    playbookPatches: [
      playbookPatch({ requestedByDeviceId: 'dev_agro_1' }),
      playbookPatch({ requestedByDeviceId: 'dev_agro_1' }),
    ],
  })
}

const batchOf = (author: string) => {
  const batch = wideBatch()
  batch.upserts.observations = batch.upserts.observations.map((record) => ({ ...record, deviceId: author }))
  // By the version that the batch makes: nothing takes its place.
  batch.upserts.recommendations = batch.upserts.recommendations.map((record) => ({
    ...record,
    playbookVersion: 4,
  }))
  return batch
}

describe('one transaction', () => {
  // Each names a table that the commit writes to; the last two are written at its very end.
  const WRITTEN = [
    'observations',
    'observation_corrections',
    'recommendations',
    'playbooks',
    'playbook_versions',
    'playbook_patches',
    'sync_conflicts',
    'log_commits',
    'audit_entries',
    'workspace_heads',
    'device_states',
    'sync_events',
  ]

  it.each(WRITTEN)(
    '[BAT-1] a failure while writing %s leaves nothing, and the same batch passes later',
    async (table) => {
      const workspace = await services.workspace()
      const agro = await workspace.device('dev_agro_1', 'agronomist')
      const before = await footprint(services, workspace.workspaceId)
      const batch = batchOf('dev_agro_1')
      await services.owner.pool.query(`
      CREATE OR REPLACE FUNCTION break_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken by the test'; END $$;
      CREATE TRIGGER broken AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW
        WHEN (NEW.workspace_id = '${workspace.workspaceId}') EXECUTE FUNCTION break_now()`)
      try {
        await expect(agro.send(batch)).rejects.toThrow('broken by the test')
        expect(await footprint(services, workspace.workspaceId)).toEqual(before)
      } finally {
        await services.owner.pool.query(`DROP TRIGGER broken ON ${table}`)
      }
      const { answer, replayed } = await agro.send(batch)
      expect(replayed).toBe(false)
      expect(answer.acceptedCounts).toEqual({ observations: 2, recommendations: 1, playbookPatches: 1 })
      expect(answer.conflicts.map(({ code }) => code)).toEqual([
        'RECOMMENDATION_ORPHAN',
        'PLAYBOOK_VERSION_MISMATCH',
      ])
    },
  )

  it('[BAT-1] one batch is one commit of the log, one row of the audit and one stored answer', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const before = await rowCounts(services, workspace.workspaceId)
    await agro.send(batchOf('dev_agro_1'))
    const after = await rowCounts(services, workspace.workspaceId)
    expect(after).toEqual({
      ...before,
      observations: 2,
      observation_corrections: 1,
      recommendations: 1,
      playbook_versions: before.playbook_versions + 1,
      playbook_patches: 2,
      log_commits: before.log_commits + 1,
      sync_events: 1,
      sync_conflicts: 2,
      audit_entries: before.audit_entries + 1,
    })
  })
})

describe('order and outcomes', () => {
  it('[BAT-2][OBS-1][REC-1] a recommendation rests on an observation of the same batch, wherever it stands', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const seen = observation()
    const refused = observation({ deviceId: 'dev_scout_2' })
    const answer = await alice.push({
      observations: [refused, seen],
      recommendations: [
        recommendation({ observationId: seen.observationId }),
        recommendation({ observationId: refused.observationId }),
      ],
    })
    expect(answer.acceptedCounts).toEqual({ observations: 1, recommendations: 1, playbookPatches: 0 })
    expect(answer.conflicts.map(({ entityType, code }) => [entityType, code])).toEqual([
      ['observation', 'FORBIDDEN'],
      ['recommendation', 'RECOMMENDATION_ORPHAN'],
    ])
    const { downstream } = await bob.pull()
    expect(downstream.observations.map((each) => each.observationId)).toEqual([seen.observationId])
  })

  it('[BAT-2] the downstream shows the playbook as this batch left it', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const { downstream } = await agro.push({ playbookPatches: [patch] })
    expect(downstream.playbook).toMatchObject({
      playbookId: 'pbk_yolo_grape',
      version: 4,
      updatedAt: '2026-02-12T08:00:00.000Z',
    })
    expect(downstream.playbooks).toMatchObject([{ version: 4 }])
  })

  it('[BAT-3] every record has exactly one outcome, and a refused one touches no other', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const good = Array.from({ length: 5 }, () => observation())
    const bad = Array.from({ length: 5 }, () => observation({ deviceId: 'dev_scout_9' }))
    const mixed = good.flatMap((each, i) => [each, bad[i] ?? each])
    const orphans = [recommendation(), recommendation()]
    const fine = recommendation({ observationId: good[3]?.observationId })
    const scoutsPatch = playbookPatch()
    const answer = await alice.push({
      observations: mixed,
      recommendations: [...orphans, fine],
      playbookPatches: [scoutsPatch],
    })
    expect(answer.acceptedCounts).toEqual({ observations: 5, recommendations: 1, playbookPatches: 0 })
    expect(answer.conflicts.map(({ entityId }) => entityId)).toEqual([
      ...bad.map((each) => each.observationId),
      ...orphans.map((each) => each.recommendationId),
      scoutsPatch.patchId,
    ])
  })

  it('[BAT-4] the same id twice is judged twice, the second against what the first left', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const first = observation({ updatedAt: '2026-02-11T18:00:00Z' })
    const newer = {
      ...first,
      rawNoteText: 'Edited',
      deterministicChecksum: 'sha256:0000000a',
      updatedAt: '2026-02-11T19:00:00Z',
    }
    const confirmed = { ...newer, status: 'confirmed' as const, updatedAt: '2026-02-11T20:00:00Z' }
    const answer = await alice.push({ observations: [first, newer, first, confirmed, newer, confirmed] })
    expect(answer.acceptedCounts.observations).toBe(4)
    expect(answer.conflicts.map(({ code }) => code)).toEqual([
      'OBSERVATION_STALE_WRITE',
      'OBSERVATION_IMMUTABLE',
    ])
    expect(answer.conflicts.map(({ server }) => server?.record)).toEqual([newer, confirmed])
    expect((await bob.pull()).downstream.observations).toEqual([confirmed])
  })

  it('[BAT-4] the same patch twice is one version', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const answer = await agro.push({
      playbookPatches: [patch, patch, { ...patch, reason: 'Another reason' }],
    })
    expect(answer.acceptedCounts.playbookPatches).toBe(2)
    expect(answer.conflicts).toMatchObject([{ code: 'PATCH_ID_REUSED', server: { record: patch } }])
    expect(answer.downstream.playbook.version).toBe(4)
  })

  it('[BAT-5] identical re-sends are counted, and are no change', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const seen = observation()
    const advice = recommendation({ observationId: seen.observationId })
    const first = await alice.push({ observations: [seen], recommendations: [advice] })
    const { serverCursor, acceptedCounts } = await alice.push({
      observations: [seen],
      recommendations: [advice],
    })
    expect(acceptedCounts).toEqual({ observations: 1, recommendations: 1, playbookPatches: 0 })
    expect(serverCursor).toBe(first.serverCursor)
  })
})
