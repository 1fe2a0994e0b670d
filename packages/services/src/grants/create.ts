import { randomBytes } from 'node:crypto'

import {
  type CreateGrantInput,
  type DeviceId,
  GrantId,
  type GrantRecord,
  MAX_GRANTS,
} from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { can, GRANT_ACTIONS, mayGrant, type PlaybookGrant, type Role, ROLE_RIGHTS } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { forbidden, notFound, ServiceError, validationError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { lockHolder } from '../devices/stored-device.ts'
import { millisecondFrom } from '../lists/keyset.ts'
import { grantsOf } from '../sync/playbook-grants.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { auditedGrant, holderChanged } from './stored-grant.ts'

/**
 * Grants somebody a part of the playbooks, for a time, and never more than the caller holds (GRA-7, GRA-12). For admins alone: a
 * copy that a holder made would outlive the original. The operator may grant anything.
 *
 * @throws ServiceError FORBIDDEN, reason `role`, `scope` or `grant`; NOT_FOUND for an unknown device or playbook; CONFLICT for a
 * revoked one, a role that may not edit playbooks, and too many grants; VALIDATION_ERROR for a period that is over or none;
 * IDEMPOTENCY_CONFLICT
 */
export const createGrant = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: CreateGrantInput
  }): Promise<Replayable<GrantRecord> | ServiceError> => {
    const { ctx, input } = call
    const { actor } = ctx
    const { deviceId } = input
    const refused = mayNotChangeGrantsOf(ctx, deviceId)
    if (refused) return refused
    const at = ctx.clock.now()
    const wanted = wantedGrant(input)
    const grantId = GrantId.parse(`grt_${randomBytes(16).toString('hex')}`)
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'grants.create',
        action: 'grant.create',
        target: { type: 'device', id: deviceId },
        input,
        at,
      },
      async (connection) => {
        const outside = periodRefusal(wanted, at)
        if (outside) return { refusal: outside }
        const holder = await lockHolder(connection, actor.workspaceId, deviceId)
        if (!holder) return { refusal: notFound('device or person', deviceId) }
        if (holder.revokedAt) return { refusal: hasEnded(deviceId) }
        if (!ROLE_RIGHTS[holder.role]['playbooks.patch'])
          return { refusal: roleMayNot(deviceId, holder.role) }
        if (!(await isKnownPlaybook(connection, actor.workspaceId, wanted)))
          return { refusal: notFound('playbook', wanted.playbookId ?? '') }
        if (actor.kind !== 'system') {
          const held = await grantsOf(connection, actor.workspaceId, actor.deviceId)
          if (!mayGrant(held, wanted, at)) return { refusal: moreThanHeld() }
        }
        const present = await grantsOf(connection, actor.workspaceId, deviceId)
        if (present.length >= MAX_GRANTS) return { refusal: tooMany(deviceId) }
        const record: GrantRecord = {
          grantId,
          deviceId,
          ...wanted,
          actions: [...wanted.actions],
          notBefore: wanted.notBefore?.toISOString() ?? null,
          expiresAt: wanted.expiresAt?.toISOString() ?? null,
          byRole: false,
          grantedBy: actor.kind === 'system' ? null : actor.deviceId,
          grantedAt: at.toISOString(),
          revokedAt: null,
          revokedBy: null,
        }
        await connection.query(
          `INSERT INTO playbook_grants (workspace_id, grant_id, device_id, playbook_id, path, actions, not_before, expires_at,
              granted_by, granted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
          [
            actor.workspaceId,
            grantId,
            deviceId,
            wanted.playbookId,
            wanted.path,
            wanted.actions,
            wanted.notBefore,
            wanted.expiresAt,
            record.grantedBy,
            at,
          ],
        )
        return {
          answer: JSON.stringify(record),
          changes: [
            {
              type: 'grant',
              id: grantId,
              kind: 'create',
              before: null,
              after: auditedGrant(record),
              paths: [wanted.path],
            },
          ],
          afterwards: () => holderChanged(connection, actor.workspaceId, deviceId),
        }
      },
    )
    return answerOf(result)
  },
)

/** The refusal of a caller that may change no grants but its own (GRA-12). */
export function mayNotChangeGrantsOf(
  { actor }: ServiceContext,
  deviceId: DeviceId,
): ServiceError | undefined {
  if (actor.deviceId === deviceId) return undefined
  if (!can(actor, 'admin')) return forbidden('role', 'Only an administrator changes what others are granted.')
  if (actor.scopes && !actor.scopes.includes('admin')) {
    return forbidden('scope', 'What others are granted is changed with the scope admin.')
  }
  return undefined
}

const wantedGrant = ({
  playbookId,
  path,
  actions,
  notBefore,
  expiresAt,
}: CreateGrantInput): PlaybookGrant => ({
  playbookId: playbookId ?? null,
  path,
  actions: GRANT_ACTIONS.filter((action) => actions.includes(action)),
  notBefore: notBefore === undefined ? null : millisecondFrom(notBefore),
  expiresAt: expiresAt === undefined ? null : millisecondFrom(expiresAt),
})

function periodRefusal({ notBefore, expiresAt }: PlaybookGrant, at: Date): ServiceError | undefined {
  if (expiresAt === null) return undefined
  if (expiresAt <= at) return validationError([{ path: '/expiresAt', message: 'must be in the future' }])
  return notBefore !== null && expiresAt <= notBefore
    ? validationError([{ path: '/expiresAt', message: 'must be after notBefore' }])
    : undefined
}

async function isKnownPlaybook(
  connection: Queryable,
  workspaceId: string,
  { playbookId }: PlaybookGrant,
): Promise<boolean> {
  if (playbookId === null) return true
  const { rowCount } = await connection.query(
    'SELECT FROM playbooks WHERE workspace_id = $1 AND playbook_id = $2',
    [workspaceId, playbookId],
  )
  return rowCount !== 0
}

const moreThanHeld = (): ServiceError =>
  forbidden('grant', 'You can grant only what you have been granted yourself, and for no longer.')

const hasEnded = (deviceId: string): ServiceError =>
  new ServiceError('CONFLICT', `${deviceId} has no access to this workspace any more.`)

const roleMayNot = (deviceId: string, role: Role): ServiceError =>
  new ServiceError(
    'CONFLICT',
    `The role of ${deviceId} is ${role}, which may not edit playbooks; give it another role first.`,
  )

const tooMany = (deviceId: string): ServiceError =>
  new ServiceError('CONFLICT', `${deviceId} has ${MAX_GRANTS} grants already; end some of them first.`)
