import type { Queryable } from '../transaction.ts'

/** The device state that a pull records. */
export type DeviceState = {
  workspaceId: string
  deviceId: string
  metadata: string
  metadataMicros: number
  seenAt: Date
  position: number
  report: string | null
  resolved: string | null
}

const MARK = `fieldsync_mark(x.workspace, x.device, x.metadata, x.micros, x.seen, x.position, x.report, x.resolved) FROM json_to_recordset($1) AS x(workspace text, device text, metadata json, micros bigint, seen timestamptz,
    position bigint, report json, resolved json)`

const STATEMENTS = {
  committed: { name: 'store_marks', text: `SELECT ${MARK}` },
  // Waits for neither the disk nor a standby, so that readers do not hang when writers do.
  soon: {
    name: 'store_marks_soon',
    text: `SELECT set_config('synchronous_commit', 'off', true), ${MARK}`,
  },
}

/**
 * Stores the state of many devices in one round trip, in a fixed order so that two servers never deadlock.
 * @param durability `committed` like any write, or `soon` where a crash of the database may undo it
 */
export async function storeDeviceStates(
  connection: Queryable,
  states: readonly DeviceState[],
  durability: keyof typeof STATEMENTS,
): Promise<void> {
  const rows = states
    .toSorted((a, b) => compare(a.workspaceId, b.workspaceId) || compare(a.deviceId, b.deviceId))
    .map(
      (state) =>
        `{"workspace":${JSON.stringify(state.workspaceId)},"device":${JSON.stringify(state.deviceId)},` +
        `"metadata":${state.metadata},"micros":${state.metadataMicros},"seen":"${state.seenAt.toISOString()}",` +
        `"position":${state.position},"report":${state.report ?? 'null'},"resolved":${state.resolved ?? 'null'}}`,
    )
  await connection.query({ ...STATEMENTS[durability], values: [`[${rows.join(',')}]`] })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
