import { type DeviceId, type DeviceRole, MAX_PAGE_SIZE, type WorkspaceId } from '@fieldsync/contracts'
import {
  allItems,
  createDevice,
  listDevices,
  mintToken,
  revokeDevice,
  systemContext,
} from '@fieldsync/services'
import type { Command } from 'commander'

import { deviceArgument, roleOption, tokenOf, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant, table } from '../table.ts'

type CreateOptions = { role: DeviceRole; tokenStdin?: boolean; json?: boolean }

/** `device create|list|revoke` */
export function addDeviceCommands(program: Command, cli: Cli): void {
  const group = program.command('device').description('devices, each of which syncs with its own token')
  group
    .command('create')
    .description('create a device and print its token, which is shown only once')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .addOption(roleOption())
    .option('--token-stdin', 'read the token from standard input instead of generating one')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device create ws_ridge dev_scout_1 --role scout`)
    .action(async (workspaceId: WorkspaceId, deviceId: DeviceId, { role, tokenStdin }: CreateOptions) => {
      const given = tokenStdin === true ? tokenOf(await cli.io.readInput()) : undefined
      await cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const token = given ?? mintToken()
        const ctx = await systemContext(admin, workspaceId)
        await createDevice({ ctx, input: { deviceId, role, token } })
        const made = { workspaceId, deviceId, role }
        const text = [`Created the device ${deviceId} in ${workspaceId} with the role ${role}.`]
        if (given === undefined) text.push('Its token, not shown again:', '', token, '')
        text.push('The device sends it in the header X-Device-Token.')
        return { json: given === undefined ? { ...made, token } : made, text: text.join('\n') }
      })
    })
  group
    .command('list')
    .description('list the devices of a workspace, including revoked ones')
    .addArgument(workspaceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device list ws_ridge`)
    .action((workspaceId: WorkspaceId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const devices = await allItems((page) =>
          listDevices({ ctx, input: { limit: MAX_PAGE_SIZE, ...page } }),
        )
        const found = devices.map(({ deviceId, role, createdAt, revokedAt, lastSeenAt }) => ({
          deviceId,
          role,
          createdAt,
          revokedAt,
          lastSeenAt,
        }))
        if (found.length === 0) {
          const next = `${COMMAND} device create ${workspaceId} dev_scout_1`
          return {
            json: found,
            text: `The workspace ${workspaceId} has no devices yet. Create one:  ${next}`,
          }
        }
        const rows = found.map(({ deviceId, role, createdAt, lastSeenAt, revokedAt }) => [
          deviceId,
          role,
          shownInstant(createdAt),
          shownInstant(lastSeenAt),
          shownInstant(revokedAt),
        ])
        return { json: found, text: table(['device', 'role', 'created', 'last seen', 'revoked'], rows) }
      }),
    )
  group
    .command('revoke')
    .description('revoke a device: its next request is refused; what it synced stays')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device revoke ws_ridge dev_scout_1`)
    .action((workspaceId: WorkspaceId, deviceId: DeviceId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const { document } = await revokeDevice({ ctx, input: { deviceId } })
        const { revokedAt, alreadyRevoked } = document.toJSON()
        const text = alreadyRevoked
          ? `The device ${deviceId} was already revoked, at ${shownInstant(revokedAt)}.`
          : `Revoked the device ${deviceId}. Its next request is refused.`
        return { json: { workspaceId, deviceId, revokedAt, alreadyRevoked }, text }
      }),
    )
}
