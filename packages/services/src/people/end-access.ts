import type { EndAccessInput, EndedAccess } from '@fieldsync/contracts'

import { deviceIdOfPerson } from '../access/person-id.ts'
import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { endMembership, lastAdmin, lockPerson, roleChange } from './stored-person.ts'

/**
 * Ends a person's access to the workspace: their next request is refused, a write under way is refused at its commit, and
 * their live streams end (PEO-8). Their account stays, for their other workspaces.
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for the last administrator; IDEMPOTENCY_CONFLICT
 */
export const endAccess = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: EndAccessInput
  }): Promise<Replayable<EndedAccess> | ServiceError> => {
    const { ctx, input } = call
    const { personId } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const answer = (endedAt: Date, alreadyEnded: boolean): string =>
      JSON.stringify({
        personId,
        deviceId: deviceIdOfPerson(personId),
        endedAt: endedAt.toISOString(),
        alreadyEnded,
      })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'people.endAccess',
        action: 'person.end_access',
        target: { type: 'person', id: personId },
        input: { personId },
        at,
      },
      async (connection) => {
        const person = await lockPerson(connection, workspaceId, personId)
        if (!person) return { refusal: notFound('person', personId) }
        if (person.endedAt) return { asItIs: answer(person.endedAt, true) }
        const refusal =
          person.role === 'admin' ? await lastAdmin(connection, workspaceId, personId) : undefined
        if (refusal) return { refusal }
        return {
          answer: answer(at, false),
          changes: [roleChange(personId, person.role, null)],
          // An admin may end their own access: their rights are looked at before they end.
          afterwards: () => endMembership(connection, { workspaceId, personId, at, provider: null }),
        }
      },
    )
    return answerOf(result)
  },
)
