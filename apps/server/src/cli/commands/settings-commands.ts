import {
  type ChangeSettingsInput,
  type DeviceTokens,
  Instant,
  SecondFactorSetting,
  WeatherSetting,
  type WorkspaceId,
  type WorkspaceSettings,
} from '@fieldsync/contracts'
import { changeSettings, getSettings, systemContext } from '@fieldsync/services'
import { type Command, InvalidArgumentError, Option } from 'commander'

import { workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { counted, shownInstant } from '../table.ts'

type SetOptions = {
  confirmKeys?: 'on' | 'off'
  fourEyes?: 'on' | 'off'
  deviceTokens?: DeviceTokens
  weather?: WeatherSetting
  secondFactor?: SecondFactorSetting
  json?: boolean
}

/** `workspace settings` and `workspace settings set` */
export function addSettingsCommands(workspace: Command, cli: Cli): void {
  const group = workspace
    .command('settings')
    .description('show the settings of a workspace, and how many devices still have a token')
    .addArgument(workspaceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} workspace settings ws_ridge`)
    .action((workspaceId: WorkspaceId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const settings = await getSettings({ ctx, input: {} })
        return { json: { workspaceId, ...settings }, text: shownSettings(workspaceId, settings) }
      }),
    )
  group
    .command('set')
    .description('change settings of a workspace, from the next request of each device on')
    .addArgument(workspaceArgument())
    .addOption(
      new Option(
        '--confirm-keys <on|off>',
        'whether an admin confirms each key that a device registers',
      ).choices(['on', 'off']),
    )
    .addOption(
      new Option(
        '--device-tokens <mode>',
        'whether devices may call with tokens: allowed, refused, or until:<date or instant>, a date being its beginning in UTC',
      ).argParser(deviceTokens),
    )
    .addOption(
      new Option(
        '--four-eyes <on|off>',
        'whether a change of a playbook takes two persons: one proposes, another approves',
      ).choices(['on', 'off']),
    )
    .addOption(
      new Option(
        '--weather <source>',
        'where weather comes from: live, a weather service that is asked for the area of a note; demo, made-up weather; or off',
      ).choices(WeatherSetting.options),
    )
    .addOption(
      new Option(
        '--second-factor <mode>',
        'whether people need a second factor in this workspace: optional or required',
      ).choices(SecondFactorSetting.options),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:
  ${COMMAND} workspace settings set ws_ridge --confirm-keys on
  ${COMMAND} workspace settings set ws_ridge --device-tokens until:2027-03-01`,
    )
    .action(
      (
        workspaceId: WorkspaceId,
        { confirmKeys, fourEyes, deviceTokens: tokens, weather, secondFactor }: SetOptions,
        command: Command,
      ) => {
        if ([confirmKeys, fourEyes, tokens, weather, secondFactor].every((each) => each === undefined))
          command.error(
            'error: name a setting to change: --confirm-keys, --four-eyes, --device-tokens, --weather or --second-factor',
          )
        return cli.run({ newDatabase: false, pepper: false }, async (admin) => {
          const ctx = await systemContext(admin, workspaceId)
          const { version } = await getSettings({ ctx, input: {} })
          const input: ChangeSettingsInput = {
            baseVersion: version,
            ...(confirmKeys === undefined ? {} : { confirmKeys: confirmKeys === 'on' }),
            ...(fourEyes === undefined ? {} : { fourEyes: fourEyes === 'on' }),
            ...(tokens === undefined ? {} : { deviceTokens: tokens }),
            ...(weather === undefined ? {} : { weather }),
            ...(secondFactor === undefined ? {} : { secondFactor }),
          }
          const { document } = await changeSettings({ ctx, input })
          const settings = document.toJSON()
          const first = settings.changed ? 'Changed.' : 'These are the settings already.'
          return {
            json: { workspaceId, ...settings },
            text: `${first}\n${shownSettings(workspaceId, settings)}`,
          }
        })
      },
    )
}

function shownSettings(workspaceId: WorkspaceId, settings: WorkspaceSettings): string {
  const { version, changedAt, changedBy, confirmKeys, fourEyes, preShared } = settings
  const changed =
    changedAt === null
      ? 'the defaults'
      : `version ${version}, changed ${shownInstant(changedAt)} by ${changedBy ?? 'the operator'}`
  const lines = [
    `Settings of ${workspaceId}: ${changed}`,
    `  confirm keys   ${confirmKeys ? 'on' : 'off'}`,
    `  four eyes      ${fourEyes ? 'on' : 'off'}`,
    `  device tokens  ${shownTokens(settings.deviceTokens)}`,
    `  weather        ${settings.weather ?? 'live'}`,
    `  second factor  ${settings.secondFactor ?? 'optional'}`,
    `  in use         ${counted(preShared.devices, 'device')} with a token, ${counted(preShared.admins, 'admin')} among them`,
  ]
  if (preShared.devices > 0)
    lines.push('', `List them:  ${COMMAND} device list ${workspaceId} --credential token`)
  return lines.join('\n')
}

function shownTokens(tokens: DeviceTokens): string {
  return tokens.mode === 'until' ? `allowed until ${shownInstant(tokens.until)}` : tokens.mode
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

function deviceTokens(text: string): DeviceTokens {
  if (text === 'allowed' || text === 'refused') return { mode: text }
  const given = /^until:(.+)$/.exec(text)?.[1] ?? ''
  const until = Instant.safeParse(DATE.test(given) ? `${given}T00:00:00Z` : given).data
  if (until === undefined)
    throw new InvalidArgumentError('It must be allowed, refused, or until: and a date or an instant.')
  return { mode: 'until', until }
}
