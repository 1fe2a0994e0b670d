import type { WorkspaceWrite, WriteOutcome } from '@fieldsync/db'
import { observation, playbookPatch, recommendation, type SyncBatchOverrides } from '@fieldsync/testkit'
import { expect, it, vi } from 'vitest'

import { verifyAudit } from '../audit/verify.ts'
import { rowCounts } from '../testing/footprint.ts'
import { testServices } from '../testing/test-workspace.ts'
import { WorkspaceCopy } from '../testing/workspace-copy.ts'

const services = await testServices()

const rows = (list: readonly string[]): string | null =>
  list.length === 0 ? null : `[{${list.join('},{')}}]`
const texts = (list: readonly string[]): string | null => (list.length === 0 ? null : list.join('\u001e'))

/** Commits a write as servers of the build before groups of several workspaces do. */
async function commitAsEarlier(write: WorkspaceWrite): Promise<WriteOutcome> {
  const parameters: Record<string, unknown> = {
    p_workspace: write.workspaceId,
    p_device: write.deviceId,
    p_epoch: write.epoch,
    p_operation: write.operation,
    p_key: write.idempotencyKey,
    p_sync_id: write.syncId,
    p_request_sha256: write.requestSha256,
    p_now: write.now,
    p_cursor: write.cursor,
    p_position: write.position,
    p_max_records: write.maxRecords,
    p_max_bytes: write.maxBytes,
    p_guards: rows(write.guards),
    p_moved: rows(write.moved),
    p_new_observations: rows(write.newObservations),
    p_new_observation_documents: texts(write.newObservationDocuments),
    p_changed_observations: rows(write.changedObservations),
    p_changed_observation_documents: texts(write.changedObservationDocuments),
    p_corrections: rows(write.corrections),
    p_new_recommendations: rows(write.newRecommendations),
    p_new_recommendation_documents: texts(write.newRecommendationDocuments),
    p_changed_recommendations: rows(write.changedRecommendations),
    p_changed_recommendation_documents: texts(write.changedRecommendationDocuments),
    p_playbooks: rows(write.playbooks),
    p_versions: rows(write.versions),
    p_patches: rows(write.patches),
    p_conflicts: rows(write.conflicts),
    p_positions: write.positions,
    p_state_delta: write.stateDelta,
    p_secret: write.secret,
    p_metadata: write.metadata,
    p_metadata_micros: write.metadataMicros,
    p_report: write.report,
    p_resolved: write.resolved,
    p_audit_prefix: write.auditPrefix,
    p_audit_suffix: write.auditSuffix,
    p_response_start: write.responseStart,
    p_response_middle: write.responseMiddle,
    p_response_end: write.responseEnd,
    p_counts: write.counts,
  }
  const named = Object.keys(parameters).map((name, i) => `${name} => $${i + 1}`)
  const { rows: outcomes } = await services.db.pool.query<WriteOutcome>(
    `SELECT outcome, response FROM fieldsync_commit(${named.join(', ')})`,
    Object.values(parameters),
  )
  if (!outcomes[0]) throw new Error('no outcome')
  return outcomes[0]
}

it('[BAT-1, IDM-2, HSH-3, AUD-5] a server of the build before, during an upgrade, commits as it did', async () => {
  const workspace = await services.workspace()
  const { workspaceId } = workspace
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const reader = await workspace.device('dev_reader', 'viewer')
  const outcomes: WriteOutcome[] = []
  vi.spyOn(services.runtime.queue, 'commit').mockImplementation(async (write) => {
    const outcome = await commitAsEarlier(write)
    outcomes.push(outcome, await commitAsEarlier(write))
    return outcome
  })
  const seen = observation({ deviceId: 'dev_agro_1', status: 'confirmed' })
  const advice = recommendation({ observationId: seen.observationId })
  const batches: SyncBatchOverrides[] = [
    { observations: [seen, observation({ deviceId: 'dev_agro_1' })], recommendations: [advice] },
    {
      observations: [
        {
          ...seen,
          rawNoteText: 'Corrected',
          deterministicChecksum: 'sha256:00000001',
          correction: {
            correctionId: 'cor_1',
            reason: 'Wrong block',
            correctedAt: '2026-02-11T20:00:00Z',
            supersedes: seen.deterministicChecksum,
          },
        },
        // Of another author, so it is a conflict.
        observation({ deviceId: 'dev_scout_9' }),
      ],
      recommendations: [{ ...advice, status: 'rejected' }],
    },
    { playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })] },
  ]
  for (const batch of batches) await agro.push(batch)
  const endedAs = (wanted: WriteOutcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted)
  expect([endedAs('done').length, endedAs('replay').length]).toEqual([batches.length, batches.length])
  expect(await rowCounts(services, workspaceId)).toMatchObject({
    observations: 2,
    observation_corrections: 1,
    recommendations: 1,
    playbook_versions: 2,
    playbook_patches: 1,
    sync_conflicts: 1,
    sync_events: 3,
  })
  const copy = new WorkspaceCopy()
  const page = await reader.pull()
  copy.take(page)
  expect(page.downstream.stateHash).toBe(copy.hash)
  expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
    ok: true,
  })
})
