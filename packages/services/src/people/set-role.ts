import type { DeviceRole, PersonRoleChange, SetPersonRoleInput } from '@fieldsync/contracts'

import { deviceIdOfPerson } from '../access/person-id.ts'
import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { hasNoAccess, lastAdmin, lockPerson, roleChange, updateRole } from './stored-person.ts'

/**
 * Changes what a person may do in the workspace, from their next request on; a write under way is decided by the new role
 * (PEO-8). The last administrator stays one.
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for somebody whose access has ended, and for the last administrator;
 *   IDEMPOTENCY_CONFLICT
 */
export const setPersonRole = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: SetPersonRoleInput
  }): Promise<Replayable<PersonRoleChange> | ServiceError> => {
    const { ctx, input } = call
    const { personId, role } = input
    const { workspaceId } = ctx.actor
    const answer = (previousRole: DeviceRole): string =>
      JSON.stringify({
        personId,
        deviceId: deviceIdOfPerson(personId),
        role,
        previousRole,
        changed: role !== previousRole,
      })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'people.setRole',
        action: 'person.set_role',
        target: { type: 'person', id: personId },
        input: { personId, role },
        at: ctx.clock.now(),
      },
      async (connection) => {
        const person = await lockPerson(connection, workspaceId, personId)
        if (!person) return { refusal: notFound('person', personId) }
        if (person.endedAt) return { refusal: hasNoAccess(personId) }
        if (person.role === role) return { asItIs: answer(role) }
        const refusal =
          person.role === 'admin' ? await lastAdmin(connection, workspaceId, personId) : undefined
        if (refusal) return { refusal }
        return {
          answer: answer(person.role),
          changes: [roleChange(personId, person.role, role)],
          // An admin may change their own role: their rights are looked at before they change.
          afterwards: () => updateRole(connection, { workspaceId, personId, role, provider: null }),
        }
      },
    )
    return answerOf(result)
  },
)
