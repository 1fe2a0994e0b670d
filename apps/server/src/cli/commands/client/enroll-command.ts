import { createFieldsyncClient, deviceToken, isFieldsyncError } from '@fieldsync/client'
import { DeviceId } from '@fieldsync/contracts'
import { type Command, Option } from 'commander'

import { parserOf } from '../../arguments.ts'
import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { counted } from '../../table.ts'
import { enrollmentOf, enrollWithCode } from './device-credential.ts'
import {
  asOption,
  deviceFolder,
  type DeviceProfile,
  makeFolder,
  readProfile,
  typed,
  writeProfile,
} from './device-folder.ts'
import { type ClientDevice, finishWipe, hasStore, onDevice, openDevice, removeStore } from './open-device.ts'
import { syncOnce, syncOutcome } from './sync-outcome.ts'

type EnrollOptions = {
  as: string
  url?: string
  link?: string
  code?: string
  token?: string
  tokenStdin?: boolean
  device?: DeviceId
}

// Its name in earlier versions, which scripts may still use.
const FORMER_NAME = 'enrol'

/** `client enroll`: turns this folder into a device of a server's workspace, once the server has accepted its token or its key. */
export function addEnrollCommand(group: Command, cli: Cli): void {
  addCommand(group.command('enroll'), cli)
  addCommand(group.command(FORMER_NAME, { hidden: true }), cli)
  addRotateKeyCommand(group, cli)
}

/** `client rotate-key`: a new key in the place of this device's present one (ENG-76). */
function addRotateKeyCommand(group: Command, cli: Cli): void {
  group
    .command('rotate-key')
    .description('replace the key of this device, as it does by itself every 90 days')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client rotate-key --as scout_1`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async ({ profile, client }) => {
        const { deviceId, clientId } = profile
        if (clientId === undefined) {
          const problem = `${deviceId} has a token and no key. Enroll it with a link:  ${typed(as, 'enroll --link <link>')}`
          throw new ClientError('REFUSED', problem)
        }
        await client.rotateKey()
        return { text: `${deviceId} has a new key.`, json: { deviceId } }
      }),
    )
}

function addCommand(command: Command, cli: Cli): void {
  command
    .description(
      'set up a device here, with the link that `device enroll` printed or the token of `device create`, and sync it',
    )
    .addOption(asOption())
    .option('--link <link>', 'the link of an enrollment: the device gets a key of its own')
    .option('--url <address>', 'the address of the server, for a code or a token')
    .option('--code <code>', 'the one-time code of an enrollment')
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
      `\nExample:\n  ${COMMAND} client enroll --link 'http://127.0.0.1:8787/app/#enroll=…' --as scout_1`,
    )
    .action(async (options: EnrollOptions) => {
      const { as } = options
      const folder = deviceFolder(as, cli.environment)
      const before = await readProfile(folder)
      if (before) await finishWipe(as, folder, before)
      const known = await readProfile(folder)
      const profile = await enrolledProfile(cli, folder, known, options)
      await makeFolder(folder)
      const { text, json, timeZone } = await firstSync(cli, as, folder, profile)
      await writeProfile(folder, { ...profile, timeZone })
      const { deviceId } = profile
      const credential = profile.clientId === undefined ? 'token' : 'key'
      cli.print({
        text: known
          ? `Enrolled ${deviceId} again, with its new ${credential}. ${text}`
          : `Enrolled ${deviceId}. ${text}\nWrite something:  ${typed(as, 'note "White powder on leaves"')}`,
        json: { deviceId, folder, credential, sync: json },
      })
    })
}

/** The device as it is from now on, which its server knows. @throws ClientError for what it cannot be */
async function enrolledProfile(
  cli: Cli,
  folder: string,
  known: DeviceProfile | undefined,
  options: EnrollOptions,
): Promise<DeviceProfile> {
  const { as, url, device } = options
  const enrollment = enrollmentOf(options)
  if (enrollment) {
    const profile = await enrollWithCode(folder, enrollment)
    const expected = known?.deviceId ?? device
    if (expected === undefined || profile.deviceId === expected) return profile
    const problem = `The code is for ${profile.deviceId}, and this is ${expected}.`
    throw new ClientError('REFUSED', `${problem} Request another code, and choose another folder with --as.`)
  }
  const token = (options.tokenStdin === true ? await cli.io.readInput() : (options.token ?? '')).trim()
  if (token === '' || url === undefined) {
    const problem = 'Give the --link of an enrollment, or --url with --code, --token or --token-stdin.'
    throw new ClientError('VALIDATION_ERROR', problem)
  }
  const profile = { url, token, deviceId: device ?? deviceIdOf(as) }
  if (known && (known.deviceId !== profile.deviceId || known.url !== url || known.token === token))
    throw new ClientError('ALREADY_ENROLLED', `${as} is already enrolled, in ${folder}.`)
  await checkToken(url, token)
  return profile
}

/**
 * Syncs a device that is not stored yet.
 * @throws ClientError for one that the server refuses, whose store is then removed unless it existed before; and for a
 * folder with
 *   the store of another device or workspace, which stays unchanged
 */
async function firstSync(
  cli: Cli,
  as: string,
  folder: string,
  profile: DeviceProfile,
): Promise<Outcome & Pick<DeviceProfile, 'timeZone'>> {
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
  if (synced.status.state !== 'auth_required') return { ...synced.outcome, timeZone: synced.timeZone }
  if (!wasThere) await removeStore(folder)
  const problem = synced.status.problem ?? 'The server refused this device.'
  const advice =
    profile.token === undefined ? '' : ' Give the id that the token was created for with --device.'
  throw new ClientError('REFUSED', `${problem}${advice}`)
}

async function syncFirst(cli: Cli, as: string, folder: string, profile: DeviceProfile) {
  await using device = await openDevice(as, folder, profile)
  const status = await syncOnce(cli, device)
  return { status, outcome: syncOutcome(device, status), timeZone: await zoneOf(device) }
}

/** The time zone of the workspace, for commands without a network; undefined where nobody answers. */
async function zoneOf({ client }: ClientDevice): Promise<string | undefined> {
  if (client.status().state !== 'idle') return undefined
  try {
    return (await client.api.session.get.query()).workspace.timeZone
  } catch {
    return undefined
  }
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
