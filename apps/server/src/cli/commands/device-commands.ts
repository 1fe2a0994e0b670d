import {
  type DeviceId,
  type DeviceRecord,
  DeviceRole,
  MAX_PAGE_SIZE,
  type WorkspaceId,
} from '@fieldsync/contracts'
import {
  allItems,
  confirmKey,
  createDevice,
  listDevices,
  mintToken,
  readmitDevice,
  reissueToken,
  revokeDevice,
  type ServiceContext,
  ServiceError,
  setDeviceRole,
  systemContext,
} from '@fieldsync/services'
import { type Command, Option } from 'commander'

import { cancelWipeOption, deviceArgument, roleOption, tokenOf, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant, table } from '../table.ts'
import { addEnrollDeviceCommand } from './enroll-device-command.ts'
import { addWipeDeviceCommand } from './wipe-device-command.ts'

type CreateOptions = { role: DeviceRole; tokenStdin?: boolean; json?: boolean }
type ReadmitOptions = { role?: DeviceRole; tokenStdin?: boolean; cancelWipe?: boolean }
type ReissueOptions = { now?: boolean; tokenStdin?: boolean }

/** `device create|enroll|confirm-key|wipe|list|revoke|readmit|set-role|reissue-token` */
export function addDeviceCommands(program: Command, cli: Cli): void {
  const group = program
    .command('device')
    .description('devices, each of which syncs with its own key or token')
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
      const given = await givenToken(cli, tokenStdin)
      await cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const token = given ?? mintToken()
        const ctx = await systemContext(admin, workspaceId)
        await createDevice({ ctx, input: { deviceId, role, token } })
        const text = `Created the device ${deviceId} in ${workspaceId} with the role ${role}.`
        return withToken({ workspaceId, deviceId, role }, text, given === undefined ? token : null)
      })
    })
  addEnrollDeviceCommand(group, cli)
  addWipeDeviceCommand(group, cli)
  group
    .command('confirm-key')
    .description('accept the key that a device has enrolled with, by its fingerprint')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .argument('<fingerprint>', 'of the key, as the device shows it: all of it, or its first characters')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device confirm-key ws_ridge dev_scout_1 oKIywvGU`)
    .action((workspaceId: WorkspaceId, deviceId: DeviceId, beginning: string) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const keyFingerprint = await keyNamed(ctx, deviceId, beginning)
        const { document } = await confirmKey({ ctx, input: { deviceId, keyFingerprint } })
        const { confirmedAt } = document.toJSON()
        const text = `Confirmed the key ${keyFingerprint} of ${deviceId}.`
        return { json: { workspaceId, deviceId, keyFingerprint, confirmedAt }, text }
      }),
    )
  group
    .command('list')
    .description('list the devices of a workspace, including revoked ones')
    .addArgument(workspaceArgument())
    .addOption(
      new Option(
        '--credential <kind>',
        'only those that have a token, a key, or a key to be confirmed',
      ).choices(Object.keys(CREDENTIALS)),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device list ws_ridge`)
    .action((workspaceId: WorkspaceId, { credential }: ListOptions) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const filter = credential === undefined ? {} : { credential: CREDENTIALS[credential] }
        const devices = await allItems((page) =>
          listDevices({ ctx, input: { limit: MAX_PAGE_SIZE, ...filter, ...page } }),
        )
        const found = devices.map(
          ({ deviceId, role, key, preShared, createdAt, revokedAt, lastSeenAt, wipe }) => ({
            deviceId,
            role,
            keyFingerprint: key?.fingerprint ?? null,
            keyConfirmed: key ? key.confirmedAt !== null : null,
            preShared: preShared === true,
            createdAt,
            revokedAt,
            lastSeenAt,
            wipe: wipe ?? null,
          }),
        )
        if (found.length === 0 && credential !== undefined)
          return { json: found, text: `No device of ${workspaceId} has such a credential.` }
        if (found.length === 0) {
          const next = `${COMMAND} device create ${workspaceId} dev_scout_1`
          return {
            json: found,
            text: `The workspace ${workspaceId} has no devices yet. Create one:  ${next}`,
          }
        }
        const rows = found.map(({ createdAt, lastSeenAt, revokedAt, wipe, ...device }) => [
          device.deviceId,
          device.role,
          shownCredential(device),
          shownInstant(createdAt),
          shownInstant(lastSeenAt),
          shownRevocation(revokedAt, wipe),
        ])
        return {
          json: found,
          text: table(['device', 'role', 'credential', 'created', 'last seen', 'revoked'], rows),
        }
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
  group
    .command('readmit')
    .description('accept a revoked device again, with its records, and print its new token')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .addOption(newRoleOption('its role from now on (default: the one that it had)'))
    .addOption(cancelWipeOption())
    .option('--token-stdin', 'read the token from standard input instead of generating one')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device readmit ws_ridge dev_scout_1`)
    .action(async (workspaceId: WorkspaceId, deviceId: DeviceId, options: ReadmitOptions) => {
      const { role, tokenStdin, cancelWipe } = options
      const given = await givenToken(cli, tokenStdin)
      await cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const token = given ?? mintToken()
        const ctx = await systemContext(admin, workspaceId)
        const { document } = await readmitDevice({
          ctx,
          input: {
            deviceId,
            token,
            ...(role === undefined ? {} : { role }),
            ...(cancelWipe ? { cancelWipe } : {}),
          },
        })
        const readmitted = document.toJSON()
        const text = `Readmitted the device ${deviceId} with the role ${readmitted.role}. Its earlier tokens stay ended.`
        return withToken(
          { workspaceId, deviceId, role: readmitted.role, readmittedAt: readmitted.readmittedAt },
          text,
          given === undefined ? token : null,
        )
      })
    })
  group
    .command('set-role')
    .description('change what a device may do, from its next request on')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .addOption(newRoleOption('what the device may do').makeOptionMandatory())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device set-role ws_ridge dev_scout_1 --role agronomist`)
    .action((workspaceId: WorkspaceId, deviceId: DeviceId, { role }: { role: DeviceRole }) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const { document } = await setDeviceRole({ ctx, input: { deviceId, role } })
        const { previousRole, changed } = document.toJSON()
        const text = changed
          ? `Changed the role of ${deviceId} from ${previousRole} to ${role}, from its next request on.`
          : `The device ${deviceId} has the role ${role} already.`
        return { json: { workspaceId, deviceId, role, previousRole, changed }, text }
      }),
    )
  group
    .command('reissue-token')
    .description('print a new token for a device; the earlier ones end when it is first used')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .option('--now', 'end the earlier tokens at once, as after a leak')
    .option('--token-stdin', 'read the token from standard input instead of generating one')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} device reissue-token ws_ridge dev_scout_1`)
    .action(async (workspaceId: WorkspaceId, deviceId: DeviceId, { now, tokenStdin }: ReissueOptions) => {
      const given = await givenToken(cli, tokenStdin)
      await cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const token = given ?? mintToken()
        const ctx = await systemContext(admin, workspaceId)
        const endPrevious = now === true ? 'now' : 'at_first_use'
        const { document } = await reissueToken({ ctx, input: { deviceId, endPrevious, token } })
        const { issuedAt, previousTokens } = document.toJSON()
        const text =
          now === true
            ? `Issued a new token for ${deviceId}. Its earlier tokens have ended.`
            : `Issued a new token for ${deviceId}. Its earlier tokens end when it is first used.`
        return withToken(
          { workspaceId, deviceId, issuedAt, previousTokens },
          text,
          given === undefined ? token : null,
        )
      })
    })
}

/** How the command line names them. */
const CREDENTIALS = { token: 'preShared', key: 'key', unconfirmed: 'unconfirmed' } as const
type ListOptions = { credential?: keyof typeof CREDENTIALS }

const KEY_LENGTH_SHOWN = 8

/** The key of a device that a fingerprint, or the beginning of one, is of. @throws ServiceError NOT_FOUND */
async function keyNamed(ctx: ServiceContext, deviceId: DeviceId, beginning: string): Promise<string> {
  const devices = await allItems((page) => listDevices({ ctx, input: { limit: MAX_PAGE_SIZE, ...page } }))
  const fingerprint = devices.find((device) => device.deviceId === deviceId)?.key?.fingerprint
  if (beginning.length >= KEY_LENGTH_SHOWN && fingerprint?.startsWith(beginning) === true) return fingerprint
  throw new ServiceError(
    'NOT_FOUND',
    `The device ${deviceId} has no key whose fingerprint begins with ${beginning}.`,
  )
}

/** A key by the beginning of its fingerprint, which the whole is in the JSON of. */
function shownCredential({
  keyFingerprint,
  keyConfirmed,
  preShared,
}: {
  keyFingerprint: string | null
  keyConfirmed: boolean | null
  preShared: boolean
}): string {
  const waits = keyConfirmed === false ? ' (to be confirmed)' : ''
  const key = keyFingerprint === null ? [] : [`key ${keyFingerprint.slice(0, KEY_LENGTH_SHOWN)}${waits}`]
  return [...key, ...(preShared ? ['token'] : [])].join(', ')
}

/** When it was revoked, and how far its wipe is. */
function shownRevocation(revokedAt: string | null, wipe: DeviceRecord['wipe']): string {
  const shown = shownInstant(revokedAt)
  if (!wipe) return shown
  return wipe.acknowledgedAt === null ? `${shown}, to be wiped` : `${shown}, wiped`
}

const newRoleOption = (description: string) =>
  new Option('--role <role>', description).choices(DeviceRole.options)

const givenToken = async (cli: Cli, isGiven: boolean | undefined): Promise<string | undefined> =>
  isGiven === true ? tokenOf(await cli.io.readInput()) : undefined

/** What a command prints that issues a token. @param token null for one that the operator brought */
function withToken(json: object, first: string, token: string | null): { json: object; text: string } {
  const text = [first]
  if (token !== null) text.push('Its token, not shown again:', '', token, '')
  text.push('The device sends it in the header X-Device-Token.')
  return { json: token === null ? json : { ...json, token }, text: text.join('\n') }
}
