import type { DeviceReport, Device, Observation, Playbook, Recommendation } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import type { AuditBody } from '@fieldsync/domain'

import type { StoredRecord, WorkspaceState } from './workspace-state.ts'

type RecordRow<T> = { id: string; record: T; timeMicros: number; storedAt: Date; position: number }

const RECORD = `document AS record, time_micros::float8 AS "timeMicros", stored_at AS "storedAt", position::float8 AS position`

/** What the database of the real server holds of a workspace. Documents were stored from parsed records. */
export async function readStoredState(connection: Queryable, workspaceId: string): Promise<WorkspaceState> {
  const all = async <Row extends object>(text: string): Promise<Row[]> =>
    (await connection.query<Row>({ text, values: [workspaceId] })).rows
  const observations = await all<RecordRow<Observation>>(
    `SELECT observation_id AS id, ${RECORD} FROM observations WHERE workspace_id = $1`,
  )
  const recommendations = await all<RecordRow<Recommendation>>(
    `SELECT recommendation_id AS id, ${RECORD} FROM recommendations WHERE workspace_id = $1`,
  )
  const playbooks = await all<{ id: string; position: number; record: Playbook }>(
    `SELECT p.playbook_id AS id, p.position::float8 AS position, v.document AS record FROM playbooks p
      JOIN playbook_versions v ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = p.active_version
      WHERE p.workspace_id = $1`,
  )
  const [head] = await all<{ stateHash: string }>(
    'SELECT state_hash AS "stateHash" FROM workspace_heads WHERE workspace_id = $1',
  )
  return {
    workspaceId,
    stateHash: head?.stateHash ?? '',
    log: logOf({ observation: observations, recommendation: recommendations, playbook: playbooks }),
    observations: byId(observations),
    recommendations: byId(recommendations),
    playbooks: new Map(playbooks.map(({ id, record }) => [id, record])),
    versions: await all<{ patchId: string | null; paths: string[]; document: Playbook }>(
      `SELECT patch_id AS "patchId", paths, document FROM playbook_versions WHERE workspace_id = $1 ORDER BY playbook_id, version`,
    ),
    patches: (
      await all<Dated<WorkspaceState['patches'][number], 'receivedAt'>>(
        `SELECT document AS patch, device_id AS "deviceId", outcome, code, old_version AS "oldVersion", new_version AS "newVersion",
          received_at AS "receivedAt" FROM playbook_patches WHERE workspace_id = $1 ORDER BY attempt_id`,
      )
    ).map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() })),
    corrections: (
      await all<Dated<WorkspaceState['corrections'][number], 'acceptedAt'>>(
        `SELECT observation_id AS "observationId", correction_id AS "correctionId", device_id AS "deviceId",
          content_sha256 AS "contentSha256", before, after, accepted_at AS "acceptedAt"
          FROM observation_corrections WHERE workspace_id = $1 ORDER BY position, ordinal`,
      )
    ).map((row) => ({ ...row, acceptedAt: row.acceptedAt.toISOString() })),
    audit: (
      await all<{ body: string }>('SELECT body FROM audit_entries WHERE workspace_id = $1 ORDER BY seq')
    ).map(({ body }) => JSON.parse(body) as AuditBody),
    conflicts: (
      await all<Dated<WorkspaceState['conflicts'][number], 'firstSeenAt' | 'lastSeenAt' | 'resolvedAt'>>(
        `SELECT conflict_id AS "conflictId", device_id AS "deviceId", entity_type AS "entityType", entity_id AS "entityId",
          code, resolution, incoming, first_seen_at AS "firstSeenAt", last_seen_at AS "lastSeenAt",
          resolved_at AS "resolvedAt", resolved_as AS "resolvedAs" FROM sync_conflicts WHERE workspace_id = $1`,
      )
    ).map((row) => ({
      ...row,
      firstSeenAt: row.firstSeenAt.toISOString(),
      lastSeenAt: row.lastSeenAt.toISOString(),
      resolvedAt: row.resolvedAt?.toISOString() ?? null,
    })),
    devices: await all<{ deviceId: string; metadata: Device; report: DeviceReport | null }>(
      `SELECT device_id AS "deviceId", metadata, report FROM device_states WHERE workspace_id = $1`,
    ),
  }
}

type Dated<T, Keys extends keyof T> = Omit<T, Keys> & {
  [K in Keys]: null extends T[K] ? Date | null : Date
}

const byId = <T>(rows: readonly RecordRow<T>[]): Map<string, StoredRecord<T>> =>
  new Map(
    rows.map(({ id, record, timeMicros, storedAt }) => [
      id,
      { record, timeMicros, storedAt: storedAt.toISOString() },
    ]),
  )

function logOf(rows: Readonly<Record<string, readonly { id: string; position: number }[]>>): string[] {
  return Object.entries(rows)
    .flatMap(([type, of]) => of.map(({ id, position }) => ({ key: `${type}/${id}`, position })))
    .sort((a, b) => a.position - b.position)
    .map(({ key }) => key)
}
