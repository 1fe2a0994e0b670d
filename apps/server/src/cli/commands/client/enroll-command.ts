import { createFieldsyncClient, deviceToken, isFieldsyncError } from '@fieldsync/client'
import { DeviceId } from '@fieldsync/contracts'
import { type Command, Option } from 'commander'

import { parserOf } from '../../arguments.ts'
import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { counted } from '../../table.ts'
import {
  asOption,
  deviceFolder,
  type DeviceProfile,
  makeFolder,
  readProfile,
  typed,
  writeProfile,
} from './device-folder.ts'
import { hasStore, openDevice, removeStore } from './open-device.ts'
import { syncOnce, syncOutcome } from './sync-outcome.ts'

type EnrollOptions = { as: string; url: string; token?: string; tokenStdin?: boolean; device?: DeviceId }

// Its name in earlier versions, which scripts may still use.
const FORMER_NAME = 'enrol'

/** `client enroll`: turns this folder into a device of a server's workspace, once the server has accepted its token. */
export function addEnrollCommand(group: Command, cli: Cli): void {
  addCommand(group.command('enroll'), cli)
  addCommand(group.command(FORMER_NAME, { hidden: true }), cli)
}

function addCommand(command: Command, cli: Cli): void {
  command
    .description(
      'set up a device here with the token that `device create` printed, and sync it; again, with a new token',
    )
    .addOption(asOption())
    .requiredOption('--url <address>', 'the address of the server')
    .option('--token <token>', 'the token of the device')
    .option('--token-stdin', 'read the token from standard input instead')
    .addOption(
      new Option('--device <id>', 'the id of the device (default: dev_ and its name)').argParser(
        parserOf(DeviceId),
      ),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} client enroll --url http://127.0.0.1:8787 --token fsd_… --as scout_1`,
    )
    .action(async ({ as, url, token: given, tokenStdin, device }: EnrollOptions) => {
      const token = (tokenStdin === true ? await cli.io.readInput() : (given ?? '')).trim()
      if (token === '')
        throw new ClientError('VALIDATION_ERROR', 'Give the token with --token or --token-stdin.')
      const folder = deviceFolder(as, cli.environment)
      const profile = { url, token, deviceId: device ?? deviceIdOf(as) }
      const known = await readProfile(folder)
      if (known && (known.deviceId !== profile.deviceId || known.url !== url || known.token === token)) {
        throw new ClientError('ALREADY_ENROLLED', `${as} is already enrolled, in ${folder}.`)
      }
      await checkToken(url, token)
      await makeFolder(folder)
      const { text, json } = await firstSync(cli, as, folder, profile)
      await writeProfile(folder, profile)
      cli.print({
        text: known
          ? `Enrolled ${profile.deviceId} again, with its new token. ${text}`
          : `Enrolled ${profile.deviceId}. ${text}\nWrite something:  ${typed(as, 'note "White powder on leaves"')}`,
        json: { deviceId: profile.deviceId, folder, sync: json },
      })
    })
}

/**
 * Syncs a device that is not stored yet.
 * @throws ClientError for one that the server refuses, whose store is then removed unless it existed before; and for a
 * folder with
 *   the store of another device or workspace, which stays unchanged
 */
async function firstSync(cli: Cli, as: string, folder: string, profile: DeviceProfile): Promise<Outcome> {
  const wasThere = await hasStore(folder)
  const synced = await syncFirst(cli, as, folder, profile)
  const { foreign, pending, conflicts, quarantined } = synced.status
  if (foreign !== null) {
    const { deviceId, workspaceUid } = foreign.owner
    throw new ClientError(
      'REFUSED',
      `${folder} contains the store of ${deviceId}${workspaceUid === null ? '' : ` (${workspaceUid})`}, with ` +
        `${counted(pending + conflicts + quarantined, 'unsent record')}. Enroll that device here, or choose another folder with --as.`,
    )
  }
  if (synced.status.state !== 'auth_required') return synced.outcome
  if (!wasThere) await removeStore(folder)
  const problem = synced.status.problem ?? 'The server refused this device.'
  throw new ClientError('REFUSED', `${problem} Give the id that the token was created for with --device.`)
}

async function syncFirst(cli: Cli, as: string, folder: string, profile: DeviceProfile) {
  await using device = await openDevice(as, folder, profile)
  const status = await syncOnce(cli, device)
  return { status, outcome: syncOutcome(device, status) }
}

/** @throws ClientError for a name that cannot be part of an id */
function deviceIdOf(as: string): DeviceId {
  const name = as.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  const parsed = DeviceId.safeParse(name.startsWith('dev_') ? name : `dev_${name}`)
  if (parsed.success) return parsed.data
  throw new ClientError(
    'VALIDATION_ERROR',
    `Give the device id with --device: "${name}" does not make a valid one.`,
  )
}

/** Checks the token with the server. @throws ClientError if it is refused, NetworkError without an answer */
async function checkToken(url: string, token: string): Promise<void> {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new ClientError('VALIDATION_ERROR', 'The address of a server must begin with http:// or https://.')
  }
  const { api } = createFieldsyncClient({ url, credentials: deviceToken(token) })
  try {
    await api.playbooks.list.query()
  } catch (error) {
    if (!isFieldsyncError(error, 'AUTH_REQUIRED')) throw error
    throw new ClientError('REFUSED', `The server did not accept the token. ${error.message}`, {
      cause: error,
    })
  }
}
