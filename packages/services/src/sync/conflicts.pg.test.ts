import type { ConflictCode, SyncConflict } from '@fieldsync/contracts'
import { CONFLICT_TABLE } from '@fieldsync/domain'
import {
  observation,
  type ObservationInput,
  playbookPatch,
  recommendation,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()

type People = { alice: TestDevice; bob: TestDevice; agro: TestDevice }
type Situation = {
  code: ConflictCode
  resolution: SyncConflict['resolution']
  /** What is stored first, and what is then sent by `by` and refused. */
  stored?: (people: People) => Promise<unknown>
  sent: SyncBatchOverrides
  by?: keyof People
  /** The stored record that won. */
  server?: unknown
}

const draft = observation({ updatedAt: '2026-02-11T18:00:00Z' })
const confirmed: ObservationInput = { ...observation(), status: 'confirmed' }
const edited = (record: ObservationInput, updatedAt: string) => ({
  ...record,
  rawNoteText: 'Edited',
  deterministicChecksum: 'sha256:0000000e',
  updatedAt,
})
const correction = {
  correctionId: 'cor_1',
  reason: 'Wrong block',
  correctedAt: '2026-02-11T20:00:00Z',
  supersedes: 'sha256:00000bad',
}
const advice = recommendation({ observationId: draft.observationId, updatedAt: '2026-02-11T18:00:00Z' })
const decided = { ...advice, status: 'confirmed' as const }
const ours = { requestedByDeviceId: 'dev_agro_1' }
const patch = playbookPatch(ours)
const LATE = '2026-02-12T07:00:00Z'
const both = ({ alice }: People) => alice.push({ observations: [draft], recommendations: [advice] })

const SITUATIONS: Record<string, Situation> = {
  '[OBS-2] in the name of another': {
    code: 'FORBIDDEN',
    resolution: 'fix',
    sent: { observations: [observation({ deviceId: 'dev_scout_2' })] },
  },
  '[OBS-4] an id of another author': {
    code: 'OBSERVATION_ID_TAKEN',
    resolution: 'rename',
    stored: ({ alice }) => alice.push({ observations: [draft] }),
    sent: { observations: [{ ...draft, deviceId: 'dev_scout_2' }] },
    by: 'bob',
    server: draft,
  },
  "[OBS-5] another's draft": {
    code: 'FORBIDDEN',
    resolution: 'accept_server',
    stored: ({ alice }) => alice.push({ observations: [draft] }),
    sent: { observations: [edited(draft, LATE)] },
    by: 'bob',
    server: draft,
  },
  '[OBS-7] an older draft': {
    code: 'OBSERVATION_STALE_WRITE',
    resolution: 'accept_server',
    stored: ({ alice }) => alice.push({ observations: [draft] }),
    sent: { observations: [edited(draft, '2026-02-11T17:59:59Z')] },
    server: draft,
  },
  '[OBS-9] a change of a confirmed one': {
    code: 'OBSERVATION_IMMUTABLE',
    resolution: 'correct',
    stored: ({ alice }) => alice.push({ observations: [confirmed] }),
    sent: { observations: [edited(confirmed, LATE)] },
    server: confirmed,
  },
  '[OBS-9] a status back': {
    code: 'OBSERVATION_IMMUTABLE',
    resolution: 'correct',
    stored: ({ alice }) => alice.push({ observations: [confirmed] }),
    sent: { observations: [{ ...confirmed, status: 'draft', updatedAt: LATE }] },
    server: confirmed,
  },
  '[OBS-12] a correction without another checksum': {
    code: 'OBSERVATION_IMMUTABLE',
    resolution: 'correct',
    stored: ({ alice }) => alice.push({ observations: [confirmed] }),
    sent: { observations: [{ ...confirmed, rawNoteText: 'Edited', correction }] },
    server: confirmed,
  },
  '[OBS-13] a correction of another state': {
    code: 'OBSERVATION_CORRECTION_STALE',
    resolution: 'correct',
    stored: ({ alice }) => alice.push({ observations: [confirmed] }),
    sent: { observations: [{ ...edited(confirmed, LATE), correction }] },
    server: confirmed,
  },
  '[REC-2] an unknown observation': {
    code: 'RECOMMENDATION_ORPHAN',
    resolution: 'resubmit',
    sent: { recommendations: [recommendation()] },
  },
  '[REC-3] an id of another observation': {
    code: 'RECOMMENDATION_ID_TAKEN',
    resolution: 'rename',
    stored: both,
    sent: { recommendations: [{ ...advice, observationId: 'obs_20260211_0009' }] },
    server: advice,
  },
  "[REC-5] for another's observation": {
    code: 'FORBIDDEN',
    resolution: 'fix',
    stored: both,
    sent: { recommendations: [recommendation({ observationId: draft.observationId })] },
    by: 'bob',
  },
  "[REC-5] another's recommendation": {
    code: 'FORBIDDEN',
    resolution: 'accept_server',
    stored: both,
    sent: { recommendations: [{ ...advice, action: 'Edited', updatedAt: LATE }] },
    by: 'bob',
    server: advice,
  },
  '[REC-7] an older one': {
    code: 'RECOMMENDATION_STALE_WRITE',
    resolution: 'accept_server',
    stored: both,
    sent: { recommendations: [{ ...advice, action: 'Edited', updatedAt: '2026-02-11T17:59:59Z' }] },
    server: advice,
  },
  '[REC-8] a decided one': {
    code: 'RECOMMENDATION_IMMUTABLE',
    resolution: 'accept_server',
    stored: ({ alice }) => alice.push({ observations: [draft], recommendations: [decided] }),
    sent: { recommendations: [{ ...decided, status: 'rejected', updatedAt: LATE }] },
    server: decided,
  },
  '[PCH-2] an id used before': {
    code: 'PATCH_ID_REUSED',
    resolution: 'rename',
    stored: ({ agro }) => agro.push({ playbookPatches: [patch] }),
    sent: { playbookPatches: [{ ...patch, reason: 'Another' }] },
    by: 'agro',
    server: patch,
  },
  '[PCH-4] in the name of another': {
    code: 'FORBIDDEN',
    resolution: 'fix',
    sent: { playbookPatches: [playbookPatch()] },
    by: 'agro',
  },
  '[PCH-5] an unknown playbook': {
    code: 'PLAYBOOK_UNKNOWN',
    resolution: 'fix',
    sent: { playbookPatches: [playbookPatch({ ...ours, playbookId: 'pbk_none' })] },
    by: 'agro',
  },
  '[PCH-6] another base': {
    code: 'PLAYBOOK_VERSION_MISMATCH',
    resolution: 'rebase',
    sent: { playbookPatches: [playbookPatch({ ...ours, baseVersion: 2 })] },
    by: 'agro',
  },
  '[PCH-7] a path outside': {
    code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    resolution: 'fix',
    by: 'agro',
    sent: {
      playbookPatches: [
        playbookPatch({ ...ours, operations: [{ op: 'replace', path: '/crop', value: 'grape' }] }),
      ],
    },
  },
  "[ACC-9] a scout's": {
    code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    resolution: 'fix',
    sent: { playbookPatches: [playbookPatch()] },
  },
  '[PCH-8] a result that is no playbook': {
    code: 'PLAYBOOK_PATCH_INVALID',
    resolution: 'fix',
    by: 'agro',
    sent: {
      playbookPatches: [
        playbookPatch({
          ...ours,
          operations: [{ op: 'replace', path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 101 }],
        }),
      ],
    },
  },
}

describe('each conflict', () => {
  it.each(Object.entries(SITUATIONS))('[CNF-1][CNF-2][CNF-7][CNF-8][CNF-9] %s', async (_name, situation) => {
    const { code, resolution, stored, sent, by = 'alice', server } = situation
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const people = { alice, bob, agro }
    await stored?.(people)
    const storedAt = services.clock.now().toISOString()
    services.clock.advance(1000)
    const { acceptedCounts, conflicts } = await people[by].push(sent)
    expect(acceptedCounts).toEqual({ observations: 0, recommendations: 0, playbookPatches: 0 })
    const [conflict] = conflicts
    expect(conflicts).toHaveLength(1)
    expect(conflict).toMatchObject({ code, resolution })
    expect(CONFLICT_TABLE[code].entityTypes).toContain(conflict?.entityType)
    expect(conflict?.message.length).toBeGreaterThan(20)
    expect(conflict?.server).toEqual(
      server === undefined ? undefined : { updatedAt: storedAt, record: server },
    )
    expect(conflict?.playbook !== undefined).toBe(resolution === 'rebase')
    if (resolution === 'fix') {
      expect(conflict?.issues?.length).toBeGreaterThan(0)
      for (const { path } of conflict?.issues ?? [])
        expect(path).toMatch(/^\/(deviceId|observationId|operations|playbookId|requestedByDeviceId)/)
    } else expect(conflict).not.toHaveProperty('issues')
    // Asked again in another batch it is the same conflict.
    expect((await people[by].push(sent)).conflicts).toEqual(conflicts)
    const { rows } = await services.db.pool.query(
      'SELECT conflict_id, device_id, code, resolution FROM sync_conflicts WHERE workspace_id = $1',
      [workspace.workspaceId],
    )
    expect(rows).toEqual([
      { conflict_id: conflict?.conflictId, device_id: people[by].actor.deviceId, code, resolution },
    ])
  })

  it('[CNF-1] every code of the contract is provoked above', () => {
    expect(new Set(Object.values(SITUATIONS).map(({ code }) => code))).toEqual(
      new Set(Object.keys(CONFLICT_TABLE)),
    )
    const pairs = Object.entries(CONFLICT_TABLE).flatMap(([code, { resolutions }]) =>
      resolutions.map((each) => `${code} ${each}`),
    )
    expect(new Set(Object.values(SITUATIONS).map(({ code, resolution }) => `${code} ${resolution}`))).toEqual(
      new Set(pairs),
    )
  })
})
