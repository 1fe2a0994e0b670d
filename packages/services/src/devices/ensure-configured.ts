import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'
import { Role } from '@fieldsync/domain'

import { hashToken } from '../access/device-token.ts'
import { ServiceError } from '../core/service-error.ts'
import { createWorkspace } from '../workspaces/create.ts'
import { type AdminContext, asSystem, commitAsSystem } from '../write/admin-context.ts'
import { createDevice } from './create.ts'

/** One entry of DEVICE_TOKENS. */
export type ConfiguredDevice = { workspaceId: WorkspaceId; deviceId: DeviceId; role: Role; token: string }

/** What became of one entry. `revoked`: left alone, because a revoked device stays revoked. */
export type ConfiguredOutcome = 'created' | 'token_added' | 'unchanged' | 'revoked'

/** `role`: the one the device has, which the configuration does not change. */
type ConfiguredResult = { device: ConfiguredDevice; outcome: ConfiguredOutcome; role: Role }

/**
 * Makes what the configuration names and is missing: workspaces, devices, tokens (RUN rules). Nothing that exists
 * is changed.
 *
 * @throws ServiceError CONFLICT if a token belongs to another device
 */
export async function ensureConfiguredDevices(args: {
  ctx: AdminContext
  input: readonly ConfiguredDevice[]
}): Promise<ConfiguredResult[]> {
  const { ctx, input } = args
  const results = []
  for (const device of input) results.push({ device, ...(await ensureDevice(ctx, device)) })
  return results
}

async function ensureDevice(
  ctx: AdminContext,
  device: ConfiguredDevice,
): Promise<Omit<ConfiguredResult, 'device'>> {
  const { workspaceId, deviceId } = device
  // Another server may be starting on the same configuration: who comes second finds it made.
  await toleratingConflict(() => createWorkspace({ ctx, input: { workspaceId } }))
  const where = { workspaceId_deviceId: { workspaceId, deviceId } }
  if (!(await ctx.db.prisma.device.findUnique({ where }))) {
    const made = await toleratingConflict(() =>
      createDevice({ ctx: asSystem(ctx, workspaceId), input: device }),
    )
    if (made) return { outcome: 'created', role: device.role }
  }
  const known = await ctx.db.prisma.device.findUnique({ where })
  const role = Role.parse(known?.role ?? device.role)
  if (known?.revokedAt) return { outcome: 'revoked', role }
  return { outcome: await ensureToken(ctx, device), role }
}

async function ensureToken(ctx: AdminContext, device: ConfiguredDevice): Promise<ConfiguredOutcome> {
  const { workspaceId, deviceId, token } = device
  const tokenHash = hashToken(ctx.pepper, token)
  return await inTransaction(ctx.db, async (connection) => {
    await lockWorkspace(connection, workspaceId)
    const now = ctx.clock.now()
    const added = await connection.query(
      `INSERT INTO device_tokens (token_hash, workspace_id, device_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [tokenHash, workspaceId, deviceId, now],
    )
    if (added.rowCount === 0) {
      const { rows } = await connection.query<{ owner: boolean }>(
        'SELECT (workspace_id = $2 AND device_id = $3) AS owner FROM device_tokens WHERE token_hash = $1',
        [tokenHash, workspaceId, deviceId],
      )
      if (rows[0]?.owner) return 'unchanged'
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

async function toleratingConflict<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'CONFLICT') return undefined
    throw error
  }
}
