import type { WorkspaceId } from '@fieldsync/contracts'
import {
  acceptedBody,
  type Caller,
  callOperation,
  checksumOf,
  device,
  observation,
  playbookPatch,
  postBatch,
  recommendation,
  seededRandom,
  syncBatch,
} from '@fieldsync/testkit'

import { contactRecorded } from './contact-recorded.ts'
import type { SharedSystem } from './shared-system.ts'

/** A workspace all of whose records carry its label, and what another workspace must never see of it. */
type MarkedFarm = {
  readonly workspaceId: WorkspaceId
  readonly caller: Caller
  readonly label: string
  readonly ids: FarmIds
  readonly serverCursor: string
  readonly listCursor: string
  readonly syncsCursor: string
  readonly auditCursor: string
  readonly lastAuditEntry: string
  readonly conflictId: string
}

type FarmIds = {
  readonly observationId: string
  readonly draftId: string
  readonly recommendationId: string
  readonly patchId: string
  readonly weatherFeaturesId: string
  readonly syncId: string
}

/** Both farms use one key for everything. */
export const SHARED_KEY = 'shared-key'

/**
 * Fills a workspace: a draft, a corrected observation, a recommendation, an accepted patch, an open conflict and
 * weather, all by `dev_owner`. Two farms of one `idSeed` have the same ids.
 */
export async function labelledFarm(system: SharedSystem, label: string, idSeed: number): Promise<MarkedFarm> {
  const rng = seededRandom(idSeed)
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_owner', 'admin')
  const mine = { deviceId: caller.deviceId, rawNoteText: `Note of ${label}` }
  const draft = observation(mine, rng)
  const seen = observation({ ...mine, status: 'confirmed' }, rng)
  const advice = recommendation({ observationId: seen.observationId, action: `Advice of ${label}` }, rng)
  const orphan = recommendation({ action: `Orphan of ${label}` }, rng)
  const patch = playbookPatch(
    {
      requestedByDeviceId: caller.deviceId,
      reason: `Reason of ${label}`,
      operations: [
        { op: 'replace', path: '/rules/rule_pm_moderate/action/instructions', value: `Spray of ${label}` },
      ],
    },
    rng,
  )
  const self = device({ deviceId: caller.deviceId })
  const batch = syncBatch(
    {
      device: self,
      observations: [draft, seen],
      recommendations: [advice, orphan],
      playbookPatches: [patch],
    },
    rng,
  )
  const { conflicts } = acceptedBody(await postBatch(caller, batch, SHARED_KEY))
  const corrected = { ...seen, rawNoteText: `Corrected note of ${label}` }
  const correction = {
    correctionId: 'cor_shared',
    reason: `Correction of ${label}`,
    correctedAt: '2026-02-12T00:00:00Z',
    supersedes: seen.deterministicChecksum,
  }
  const second = syncBatch(
    {
      device: self,
      observations: [{ ...corrected, deterministicChecksum: checksumOf(corrected), correction }],
    },
    rng,
  )
  const { serverCursor } = acceptedBody(await postBatch(caller, second))
  await contactRecorded(system, workspaceId, caller.deviceId)
  const weatherFeaturesId = `wxf_20260211_shared_${idSeed}`
  await system.superuser.pool.query(
    `INSERT INTO weather_features (workspace_id, weather_features_id, document, stored_at)
     SELECT workspace_id, $2, jsonb_set(jsonb_set(document::jsonb, '{notes}', $3), '{weatherFeaturesId}', $4)::json, stored_at
     FROM weather_features WHERE workspace_id = $1 AND weather_features_id = 'wxf_20260211_demo_01'`,
    [
      workspaceId,
      weatherFeaturesId,
      JSON.stringify([`Weather of ${label}`]),
      JSON.stringify(weatherFeaturesId),
    ],
  )
  const cursorOf = async (operation: 'observations.list' | 'syncs.list' | 'audit.list') => {
    const page = await callOperation({ ...caller, operation, input: { limit: 1 } })
    return {
      cursor: decodeURIComponent(/[?&]cursor=([^&>]*)/.exec(page.headers.get('link') ?? '')?.[1] ?? ''),
      page,
    }
  }
  const audit = await cursorOf('audit.list')
  const [lastEntry] = JSON.parse(audit.page.text) as [{ entryId: string }]
  return {
    workspaceId,
    caller,
    label,
    ids: {
      observationId: seen.observationId,
      draftId: draft.observationId,
      recommendationId: advice.recommendationId,
      patchId: patch.patchId,
      weatherFeaturesId,
      syncId: batch.syncId,
    },
    serverCursor,
    listCursor: (await cursorOf('observations.list')).cursor,
    syncsCursor: (await cursorOf('syncs.list')).cursor,
    auditCursor: audit.cursor,
    lastAuditEntry: lastEntry.entryId,
    conflictId: String(conflicts[0]?.conflictId),
  }
}
