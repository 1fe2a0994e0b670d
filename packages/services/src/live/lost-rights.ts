import type { Database } from '@fieldsync/db'

import type { AuthenticatedActor } from '../core/context.ts'
import { authRequired, CredentialChanged, type ServiceError } from '../core/service-error.ts'

type AccessState = { place: number; epoch: number; revoked: boolean }

const STANDINGS = `SELECT c.place::int - 1 AS place, d.epoch, d.revoked_at IS NOT NULL AS revoked
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS c(workspace_id, device_id, place)
  JOIN devices d ON d.workspace_id = c.workspace_id AND d.device_id = c.device_id`

/**
 * What ends each of these callers' connections now, in their order; undefined for those whose rights are still as
 * they were when they connected. One statement, however many they are.
 */
export async function lostRights(
  db: Database,
  actors: readonly AuthenticatedActor[],
): Promise<(ServiceError | undefined)[]> {
  const { rows } = await db.pool.query<AccessState>({
    name: 'standings',
    text: STANDINGS,
    values: [actors.map(({ workspaceId }) => workspaceId), actors.map(({ deviceId }) => deviceId)],
  })
  const accessStates = new Map(rows.map((row) => [row.place, row]))
  return actors.map((actor, place) => lost(actor, accessStates.get(place)))
}

function lost(actor: AuthenticatedActor, accessState: AccessState | undefined): ServiceError | undefined {
  if (!accessState) return authRequired('invalid', 'This device is not known here any more.')
  if (accessState.revoked) return authRequired('revoked', 'This device was revoked; enrol it again.')
  // Connecting again is judged by the new rights.
  return accessState.epoch === actor.epoch ? undefined : new CredentialChanged()
}
