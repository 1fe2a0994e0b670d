import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'
import { Role } from '@fieldsync/domain'

import { hashToken, storeToken } from '../access/device-token.ts'
import type { AdminContext } from '../core/context.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { addWorkspace } from '../workspaces/create.ts'
import { asSystem, commitAsSystem } from '../write/admin-context.ts'
import { addDevice } from './create.ts'

/** One entry of DEVICE_TOKENS. */
export type ConfiguredDevice = { workspaceId: WorkspaceId; deviceId: DeviceId; role: Role; token: string }

/**
 * What became of one entry. `revoked` and `token_ended`: left alone, because what has ended stays so; `tokens_refused`: its
 * workspace accepts no device tokens (ACC-26).
 */
export type ConfiguredOutcome =
  | 'created'
  | 'token_added'
  | 'unchanged'
  | 'revoked'
  | 'token_ended'
  | 'tokens_refused'

/** `role`: the one the device has, which the configuration does not change. */
type ConfiguredResult = { device: ConfiguredDevice; outcome: ConfiguredOutcome; role: Role }

/**
 * Creates what the configuration names and is missing: workspaces, devices, tokens (RUN rules). Nothing that exists
 * is changed.
 *
 * @throws ServiceError CONFLICT if a token belongs to another device; UNAVAILABLE
 */
export async function ensureConfiguredDevices(args: {
  ctx: AdminContext
  input: readonly ConfiguredDevice[]
}): Promise<ConfiguredResult[]> {
  const { ctx, input } = args
  const results = []
  for (const device of input) {
    results.push({ device, ...(await mapUnavailable(() => ensureDevice(ctx, device))) })
  }
  return results
}

async function ensureDevice(
  ctx: AdminContext,
  device: ConfiguredDevice,
): Promise<Omit<ConfiguredResult, 'device'>> {
  const { workspaceId, deviceId } = device
  // Another server may be starting on the same configuration: the second one finds it created.
  await addWorkspace({ ctx, input: { workspaceId } })
  const where = { workspaceId_deviceId: { workspaceId, deviceId } }
  if (!(await ctx.runtime.db.prisma.device.findUnique({ where }))) {
    const added = await addDevice({ ctx: asSystem(ctx, workspaceId), input: device })
    if (!(added instanceof ServiceError)) return { outcome: 'created', role: device.role }
    if (isTokensRefused(added)) return { outcome: 'tokens_refused', role: device.role }
    if (added.code !== 'CONFLICT') throw added
  }
  const known = await ctx.runtime.db.prisma.device.findUnique({ where })
  const role = Role.parse(known?.role ?? device.role)
  if (known?.revokedAt) return { outcome: 'revoked', role }
  return { outcome: await ensureToken(ctx, device), role }
}

const isTokensRefused = ({ details }: ServiceError): boolean => details?.['reason'] === 'tokens_refused'

async function ensureToken(ctx: AdminContext, device: ConfiguredDevice): Promise<ConfiguredOutcome> {
  const { workspaceId, deviceId } = device
  const tokenHash = hashToken(ctx.runtime.pepper, device.token)
  return await inTransaction(ctx.runtime.db, async (connection) => {
    await lockWorkspace(connection, workspaceId)
    const now = ctx.clock.now()
    const token = { hash: tokenHash, workspaceId, deviceId, at: now, replacesOthers: false }
    const refusal = await storeToken(connection, token)
    if (refusal && isTokensRefused(refusal)) return 'tokens_refused'
    if (refusal) {
      const { rows } = await connection.query<{ owner: boolean; ended: boolean }>(
        `SELECT (workspace_id = $2 AND device_id = $3) AS owner, (revoked_at IS NOT NULL) AS ended
           FROM device_tokens WHERE token_hash = $1`,
        [tokenHash, workspaceId, deviceId],
      )
      if (rows[0]?.owner) return rows[0].ended ? 'token_ended' : 'unchanged'
      throw new ServiceError(
        'CONFLICT',
        `The token configured for ${workspaceId}/${deviceId} belongs to another device.`,
      )
    }
    await commitAsSystem(connection, ctx, workspaceId, {
      action: 'device.token.add',
      at: now,
      target: { type: 'device', id: deviceId },
      changes: [],
    })
    return 'token_added'
  })
}
