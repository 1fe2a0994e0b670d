import { inTransaction } from '@fieldsync/db'

import { endSessions } from '../access/session.ts'
import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { recordAccountEvent } from './account-events.ts'
import { storePassword } from './account.ts'
import { invalidLink } from './invitation-code.ts'
import { hashLinkCode } from './one-time-code.ts'

/**
 * Sets a new password by the code of a reset link, once; all sessions of the person end. The second factor stays as it is: the
 * link replaces the password alone (PEO-9).
 *
 * @param input.password hashed already
 * @throws ServiceError ENROLLMENT_INVALID, UNAVAILABLE
 */
export async function resetPassword(
  ctx: AdminContext,
  { code, password }: { readonly code: string; readonly password: string },
): Promise<void> {
  const at = ctx.clock.now()
  const personId = await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, async (connection) => {
      const { rows } = await connection.query<{ personId: string }>(
        `UPDATE password_resets SET ended_at = $2
          WHERE code_hash = $1 AND ended_at IS NULL AND expires_at > $2 RETURNING person_id AS "personId"`,
        [hashLinkCode(ctx.runtime.pepper, 'password-reset', code), at],
      )
      const [found] = rows
      if (!found) return undefined
      await storePassword(connection, { ...found, password, at })
      await endSessions(connection, found.personId, 'all')
      await recordAccountEvent(ctx, connection, found.personId, 'reset_password')
      return found.personId
    }),
  )
  if (personId === undefined) throw invalidLink()
}

/** Whether the code of a reset link can be used; looking uses nothing up. */
export async function isResetOpen(ctx: AdminContext, code: string): Promise<boolean> {
  const { rowCount } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query(
      'SELECT FROM password_resets WHERE code_hash = $1 AND ended_at IS NULL AND expires_at > $2',
      [hashLinkCode(ctx.runtime.pepper, 'password-reset', code), ctx.clock.now()],
    ),
  )
  return rowCount === 1
}
