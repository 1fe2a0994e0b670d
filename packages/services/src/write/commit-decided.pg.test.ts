import { observation, playbookPatch, recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { rowCounts } from '../testing/footprint.ts'
import { testServices } from '../testing/test-workspace.ts'

const services = await testServices()

/** `work` before the first `times` statements of that name. */
function ahead(
  statement: string,
  times: number,
  work: () => Promise<unknown>,
): (name: string) => Promise<void> | undefined {
  let left = times
  return (name) => {
    if (name !== statement || left === 0) return undefined
    left--
    return work().then(() => undefined)
  }
}

const COMMIT = 'fieldsync_commit_all'

const correctionOf = (seen: ReturnType<typeof observation>) => ({
  ...seen,
  rawNoteText: 'Corrected',
  deterministicChecksum: 'sha256:00000001',
  correction: {
    correctionId: 'cor_1',
    reason: 'Wrong block',
    correctedAt: '2026-02-11T20:00:00Z',
    supersedes: seen.deterministicChecksum,
  },
})

describe('what changes between reading and committing', () => {
  it('[OBS-7][GUA-2] a draft edited later meanwhile wins: the batch is decided again', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const draft = observation({ updatedAt: '2026-02-11T18:00:00Z' })
    await alice.push({ observations: [draft] })
    const later = { ...draft, rawNoteText: 'Later', updatedAt: '2026-02-11T20:00:00Z' }
    const between = { ...draft, rawNoteText: 'Between', updatedAt: '2026-02-11T19:00:00Z' }
    const slow = alice.interrupted(ahead(COMMIT, 1, () => agro.push({ observations: [later] })))
    const answer = await slow.push({ observations: [between] })
    expect(answer.conflicts).toMatchObject([{ code: 'OBSERVATION_STALE_WRITE', server: { record: later } }])
    expect((await agro.pull()).downstream.observations).toEqual([later])
  })

  it('[BAT-4] a record that another makes meanwhile is met at the second try', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const mine = observation({ observationId: 'obs_20260211_0001' })
    const theirs = observation({ observationId: 'obs_20260211_0001', deviceId: 'dev_scout_2' })
    const slow = alice.interrupted(ahead(COMMIT, 1, () => bob.push({ observations: [theirs] })))
    const answer = await slow.push({ observations: [mine] })
    expect(answer.conflicts).toMatchObject([{ code: 'OBSERVATION_ID_TAKEN', server: { record: theirs } }])
  })

  it('[REC-2] an observation that arrives meanwhile is no longer unknown', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const seen = observation()
    const advice = recommendation({ observationId: seen.observationId })
    const slow = alice.interrupted(ahead(COMMIT, 1, () => alice.push({ observations: [seen] })))
    const answer = await slow.push({ recommendations: [advice] })
    expect(answer.conflicts).toEqual([])
    expect(answer.acceptedCounts.recommendations).toBe(1)
  })

  it('[OBS-3] a record that its author sends meanwhile is no longer foreign', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const seen = observation({ deviceId: 'dev_scout_2' })
    const slow = alice.interrupted(ahead(COMMIT, 1, () => bob.push({ observations: [seen] })))
    const answer = await slow.push({ observations: [seen] })
    expect(answer.conflicts).toEqual([])
    expect(answer.acceptedCounts.observations).toBe(1)
  })

  it('[OBS-15][OBS-11] a correction that is accepted while it is read is known', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const seen = observation({ deviceId: 'dev_agro_1', status: 'confirmed' })
    await agro.push({ observations: [seen] })
    const corrected = correctionOf(seen)
    const { correction } = corrected
    const again = {
      ...corrected,
      rawNoteText: 'Corrected again',
      deterministicChecksum: 'sha256:00000002',
      correction: { ...correction, correctionId: 'cor_2', supersedes: corrected.deterministicChecksum },
    }
    const slow = agro.interrupted(
      ahead('stored_observations', 1, () => agro.push({ observations: [corrected, again] })),
    )
    expect(await slow.push({ observations: [corrected] })).toMatchObject({
      conflicts: [],
      acceptedCounts: { observations: 1 },
    })
  })

  it('[PCH-1] a patch that is accepted while it is read is known', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const slow = agro.interrupted(ahead('active_playbooks', 1, () => agro.push({ playbookPatches: [patch] })))
    expect(await slow.push({ playbookPatches: [patch] })).toMatchObject({
      conflicts: [],
      acceptedCounts: { playbookPatches: 1 },
    })
  })

  it('[OBS-22] a moved time counts: a write between the two times is stale', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const draft = observation({ updatedAt: '2026-02-11T18:00:00Z' })
    await alice.push({ observations: [draft] })
    const moved = { ...draft, updatedAt: '2026-02-11T20:00:00Z' }
    const between = { ...draft, rawNoteText: 'Between', updatedAt: '2026-02-11T19:00:00Z' }
    const slow = alice.interrupted(ahead(COMMIT, 1, () => alice.push({ observations: [moved] })))
    const answer = await slow.push({ observations: [between] })
    expect(answer.conflicts).toMatchObject([{ code: 'OBSERVATION_STALE_WRITE', server: { record: draft } }])
  })
})

describe('a record that never holds still', () => {
  it('[BAT-1] is written under the lock of the workspace at last', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const draft = observation({ updatedAt: '2026-02-11T17:00:00Z' })
    await alice.push({ observations: [draft] })
    let edits = 0
    const disturb = () =>
      agro.push({
        observations: [
          { ...draft, rawNoteText: `Edit ${++edits}`, updatedAt: `2026-02-11T18:0${edits}:00Z` },
        ],
      })
    const mine = { ...draft, rawNoteText: 'Mine', updatedAt: '2026-02-11T19:00:00Z' }
    const answer = await alice.interrupted(ahead(COMMIT, 3, disturb)).push({ observations: [mine] })
    expect(edits).toBe(3)
    expect(answer.acceptedCounts.observations).toBe(1)
    expect((await agro.pull()).downstream.observations).toEqual([mine])
  })

  it('[PCH-13] a refused patch is put on record once, also under the lock', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const other = await workspace.device('dev_agro_2', 'agronomist')
    let base = 2
    const disturb = () =>
      other.push({
        playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_2', baseVersion: ++base })],
      })
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion: 2 })
    const slow = agro.interrupted(ahead(COMMIT, 3, disturb))
    await expect(slow.patch(patch)).rejects.toMatchObject({
      code: 'PLAYBOOK_VERSION_MISMATCH',
      details: { activeVersion: 6 },
    })
    expect(await rowCounts(services, workspace.workspaceId)).toMatchObject({
      playbook_patches: 4,
      sync_conflicts: 0,
    })
    const { rows } = await services.db.pool.query(
      'SELECT outcome, code, old_version FROM playbook_patches WHERE patch_id = $1',
      [patch.patchId],
    )
    expect(rows).toEqual([{ outcome: 'rejected', code: 'PLAYBOOK_VERSION_MISMATCH', old_version: 6 }])
  })
})

describe('rights that change meanwhile', () => {
  it('[ACC-4] a write under way is refused at its commit, and a refused patch is not answered as one on record', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const bump = () =>
      services.db.pool.query('UPDATE devices SET epoch = epoch + 1 WHERE workspace_id = $1', [
        workspace.workspaceId,
      ])
    const before = await rowCounts(services, workspace.workspaceId)
    const slow = agro.interrupted(ahead(COMMIT, 1, bump))
    await expect(
      slow.push({ observations: [observation({ deviceId: 'dev_agro_1' })] }),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const refused = playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion: 1 })
    await expect(slow.patch(refused)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await rowCounts(services, workspace.workspaceId)).toEqual(before)
  })
})
