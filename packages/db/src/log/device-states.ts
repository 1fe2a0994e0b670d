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

// One statement for all of them: a call of the function for each costs PostgreSQL several times as much.
const MARK = `fieldsync_mark_all(array_agg(x.workspace), array_agg(x.device), array_agg(x.metadata), array_agg(x.micros), array_agg(x.seen),
    array_agg(x.position), array_agg(x.report), CASE WHEN bool_or(x.resolved IS NOT NULL) THEN array_agg(x.resolved) END)
  FROM json_to_recordset($1) AS x(workspace text, device text, metadata json, micros bigint, seen timestamptz, position bigint,
    report json, resolved json)`

const STATEMENTS = {
  committed: { name: 'store_marks', text: `SELECT ${MARK}` },
  // Waits for neither the disk nor a standby, so that readers do not hang when writers do.
  soon: {
    name: 'store_marks_soon',
    text: `SELECT set_config('synchronous_commit', 'off', true), ${MARK}`,
  },
}

/**
 * Stores the state of many devices in one round trip, in a fixed order so that two servers never deadlock; where a device comes
 * more than once, its further ones in another one each.
 * @param durability `committed` like any write, or `soon` where a crash of the database may undo it
 */
export async function storeDeviceStates(
  connection: Queryable,
  states: readonly DeviceState[],
  durability: keyof typeof STATEMENTS,
): Promise<void> {
  for (const once of eachDeviceOnce(states)) {
    const rows = once
      .toSorted((a, b) => compare(a.workspaceId, b.workspaceId) || compare(a.deviceId, b.deviceId))
      .map(
        (state) =>
          `{"workspace":${JSON.stringify(state.workspaceId)},"device":${JSON.stringify(state.deviceId)},` +
          `"metadata":${state.metadata},"micros":${state.metadataMicros},"seen":"${state.seenAt.toISOString()}",` +
          `"position":${state.position},"report":${state.report ?? 'null'},"resolved":${state.resolved ?? 'null'}}`,
      )
    await connection.query({ ...STATEMENTS[durability], values: [`[${rows.join(',')}]`] })
  }
}

/** No statement writes a row twice: the first state of each device, the second of those that have one, and so on. */
function eachDeviceOnce(states: readonly DeviceState[]): DeviceState[][] {
  const counts = new Map<string, number>()
  const sets: DeviceState[][] = []
  for (const state of states) {
    const key = `${state.workspaceId} ${state.deviceId}`
    const set = counts.get(key) ?? 0
    counts.set(key, set + 1)
    ;(sets[set] ??= []).push(state)
  }
  return sets
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
