import type { AdminContext } from '../core/context.ts'
import { pepperId } from '../core/derived-key.ts'
import { mapUnavailable } from '../core/verb.ts'

/** What still depends on the previous pepper, which is needed until all are zero; codes of enrollments end by themselves. */
export type PreviousPepperUse = {
  /** Pre-shared tokens of devices, and secrets of services. */
  readonly tokens: number
  /** Neither pepper opens a key that signs access tokens: one of the two is not what it should be. */
  readonly isForeign: boolean
}

const NOTE = 'UPDATE device_tokens SET pepper_id = $1 WHERE pepper_id IS NULL'

const COUNT = `SELECT count(*)::int AS tokens
  FROM device_tokens t JOIN devices d ON d.workspace_id = t.workspace_id AND d.device_id = t.device_id
  WHERE t.pepper_id IS DISTINCT FROM $1 AND t.revoked_at IS NULL AND d.revoked_at IS NULL`

/**
 * How far the change to a new pepper is (ACC-22). Without a previous pepper there is none under way: every token that
 * verifies is then one of the present pepper, and is noted as such where an earlier build has not.
 *
 * @returns undefined without a previous pepper
 * @throws ServiceError UNAVAILABLE
 */
export async function usePreviousPepper({
  ctx,
}: {
  ctx: AdminContext
}): Promise<PreviousPepperUse | undefined> {
  const { db, peppers, signingKeys } = ctx.runtime
  const [current, ...previous] = peppers
  return await mapUnavailable(async () => {
    if (previous.length === 0) {
      await db.pool.query(NOTE, [pepperId(current)])
      return undefined
    }
    const { rows } = await db.pool.query<{ tokens: number }>(COUNT, [pepperId(current)])
    return {
      tokens: rows[0]?.tokens ?? 0,
      isForeign: await signingKeys.areForeign(ctx.clock.now()),
    }
  })
}
