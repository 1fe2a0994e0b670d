import { expect } from 'vitest'

import type { SharedSystem } from './shared-system.ts'

/** Waits for the entry of a device's first sync, which is written some time after its answer (AUD-17). */
export async function contactRecorded(
  { superuser }: Pick<SharedSystem, 'superuser'>,
  workspaceId: string,
  deviceId: string,
): Promise<void> {
  const recorded = async () => {
    const { rows } = await superuser.pool.query<{ recorded: boolean }>(
      'SELECT contact_day IS NOT NULL AS recorded FROM device_states WHERE workspace_id = $1 AND device_id = $2',
      [workspaceId, deviceId],
    )
    return rows[0]?.recorded ?? false
  }
  await expect.poll(recorded, { timeout: 20_000 }).toBe(true)
}
