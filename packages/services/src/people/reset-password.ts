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

/**
 * Whose password the code of a reset link replaces; looking uses nothing up (PEO-9).
 * @throws ServiceError ENROLLMENT_INVALID, UNAVAILABLE
 */
export async function lookAtReset(
  ctx: AdminContext,
  code: string,
): Promise<{ readonly name: string; readonly email: string }> {
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<{ name: string; email: string }>(
      `SELECT p.name, p.email FROM password_resets r JOIN people p ON p.id = r.person_id
        WHERE r.code_hash = $1 AND r.ended_at IS NULL AND r.expires_at > $2`,
      [hashLinkCode(ctx.runtime.pepper, 'password-reset', code), ctx.clock.now()],
    ),
  )
  const [found] = rows
  if (!found) throw invalidLink()
  return found
}
