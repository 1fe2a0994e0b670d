import { setTimeout } from 'node:timers/promises'

import type { Queryable } from '@fieldsync/db'

const LIMIT_MS = 20_000
const PAUSE_MS = 20

/** Waits for the entry of a device's first sync, which is written some time after its answer (AUD-17). */
export async function contactRecorded(
  { superuser }: { readonly superuser: { readonly pool: Queryable } },
  workspaceId: string,
  deviceId: string,
): Promise<void> {
  for (const started = performance.now(); performance.now() - started < LIMIT_MS;) {
    const { rows } = await superuser.pool.query<{ recorded: boolean }>(
      'SELECT contact_day IS NOT NULL AS recorded FROM device_states WHERE workspace_id = $1 AND device_id = $2',
      [workspaceId, deviceId],
    )
    if (rows[0]?.recorded) return
    await setTimeout(PAUSE_MS)
  }
  throw new Error(`the first sync of ${deviceId} was not recorded`)
}
