import type { PlaybookId } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { can, changeText, formatPointer, type GrantedChange, uncoveredChanges } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { forbidden, ServiceError } from '../core/service-error.ts'
import { grantsOf } from '../sync/playbook-grants.ts'

/** A refusal names this many places. */
const MAX_PLACES = 20

/**
 * Whether the caller may change a playbook so, or approve that somebody does: by its role, and at every place by its grants, as
 * they are under the workspace's lock and at this instant of its clock (PUB-6, GRA-11). The server itself needs none.
 *
 * @returns the refusal if not: reason `role`, or `grant` with an issue for each place, as far as they fit
 */
export async function refusalToChange(
  { actor, clock }: ServiceContext,
  connection: Queryable,
  playbookId: PlaybookId,
  changes: readonly GrantedChange[],
): Promise<ServiceError | undefined> {
  if (actor.kind === 'system') return undefined
  const right = changes.some(({ action }) => action === 'publish') ? 'playbooks.publish' : 'playbooks.patch'
  if (!can(actor, right)) return forbidden('role', `The role ${actor.role} may not do this to playbooks.`)
  const grants = await grantsOf(connection, actor.workspaceId, actor.deviceId)
  const uncovered = uncoveredChanges(grants, playbookId, changes, clock.now())
  if (uncovered.length === 0) return undefined
  const issues = uncovered.slice(0, MAX_PLACES).map((change) => ({
    path: formatPointer(change.path),
    message: `${changeText(change)}: is not granted to you${change.outOfForce ? ' at present' : ''}`,
  }))
  return new ServiceError('FORBIDDEN', 'You have no permission for all that this changes in the playbook.', {
    details: { reason: 'grant', issues },
  })
}
