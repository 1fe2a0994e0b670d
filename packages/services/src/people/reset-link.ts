import { type CreatedResetLink, RESET_SECONDS, type ResetLinkInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { forbidden, notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { mintEnrollmentCode } from '../devices/enrollment-code.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { hashLinkCode } from './one-time-code.ts'
import { hasNoAccess, lockPerson, personalValuesOf } from './stored-person.ts'

const ELSEWHERE = `SELECT FROM devices WHERE person_id = $2 AND workspace_id <> $1 AND revoked_at IS NULL`

/**
 * Lets a person set a new password, by a one-time link that is in this answer only; an earlier one ends. A person is one account
 * in all their workspaces: an admin of one of them could enter the others by it, so for a member of several only the operator
 * creates it, on the command line (PEO-9).
 *
 * @throws ServiceError NOT_FOUND; FORBIDDEN for a member of other workspaces, too; CONFLICT for somebody whose access has ended;
 *   IDEMPOTENCY_CONFLICT
 */
export const createResetLink = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    /** `linkTo`: gives the link that holds a code, as browsers reach this server. */
    input: ResetLinkInput & { linkTo: (code: string) => string }
  }): Promise<Replayable<CreatedResetLink> | ServiceError> => {
    const { ctx, input } = call
    const { personId, linkTo } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const expiresAt = new Date(at.getTime() + RESET_SECONDS * 1000)
    const code = mintEnrollmentCode()
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'people.resetLink',
        action: 'person.reset_link',
        target: { type: 'person', id: personId },
        input: { personId },
        at,
      },
      async (connection) => {
        const person = await lockPerson(connection, workspaceId, personId)
        if (!person) return { refusal: notFound('person', personId) }
        if (person.endedAt) return { refusal: hasNoAccess(personId) }
        if (ctx.actor.kind !== 'system') {
          const elsewhere = await connection.query(ELSEWHERE, [workspaceId, personId])
          if (elsewhere.rowCount !== 0) return { refusal: memberElsewhere() }
        }
        await connection.query(
          'UPDATE password_resets SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL',
          [personId, at],
        )
        await connection.query(
          'INSERT INTO password_resets (code_hash, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4)',
          [hashLinkCode(ctx.runtime.pepper, 'password-reset', code), personId, at, expiresAt],
        )
        return {
          answer: JSON.stringify({ personId, expiresAt: expiresAt.toISOString(), link: null }),
          personal: await personalValuesOf(connection, personId),
        }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    const answer = JSON.parse(response) as CreatedResetLink
    const text = replayed ? response : JSON.stringify({ ...answer, link: linkTo(code) })
    return { document: new JsonText(text), replayed }
  },
)

const memberElsewhere = (): ServiceError =>
  forbidden(
    'role',
    'This person has access to other workspaces as well; the operator creates the link: `user reset-link`.',
  )
