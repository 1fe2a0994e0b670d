import type { WorkspaceId } from '@fieldsync/contracts'
import { checkpointOfNote, checkpointOrigin } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { readSignedCheckpoints, type StoredCheckpoint } from './checkpoint-store.ts'

/** The newest checkpoint that a device has, by its last report. */
export type ReportedCheckpoint = {
  readonly deviceId: string
  readonly reportedAt: Date
  readonly seq: number
  /** Undefined where no known key has signed it, or where it is of another chain. */
  readonly checkpoint: StoredCheckpoint | undefined
}

const MOST_DEVICES = 1000

const REPORTED = `SELECT s.device_id AS "deviceId", s.reported_at AS "reportedAt", s.report->>'checkpoint' AS note,
    w.workspace_uid AS uid
  FROM device_states s JOIN workspaces w ON w.workspace_id = s.workspace_id
  WHERE s.workspace_id = $1 AND s.report->>'checkpoint' IS NOT NULL
  ORDER BY s.reported_at DESC, s.device_id LIMIT ${MOST_DEVICES}`

/** What the devices of a workspace witness, the latest report first; no more than a thousand of them (AUD-33). */
export async function reportedCheckpoints(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: WorkspaceId,
  verifierKeys: readonly string[],
): Promise<ReportedCheckpoint[]> {
  type Row = { deviceId: string; reportedAt: Date; note: string; uid: string }
  const { rows } = await mapUnavailable(() => runtime.db.pool.query<Row>(REPORTED, [workspaceId]))
  return rows.flatMap(({ deviceId, reportedAt, note, uid }) => {
    const seq = checkpointOfNote(note)?.seq
    if (seq === undefined) return []
    const [signed] = readSignedCheckpoints([note], verifierKeys)
    const isOfThis = signed?.origin === checkpointOrigin(workspaceId, uid)
    return [{ deviceId, reportedAt, seq, checkpoint: isOfThis ? signed : undefined }]
  })
}
