import {
  consoleLink,
  type DeviceId,
  DeviceRole,
  ENROLLMENT_SECONDS,
  enrollmentLink,
  type WorkspaceId,
} from '@fieldsync/contracts'
import { openEnrollment, systemContext } from '@fieldsync/services'
import { type Command, InvalidArgumentError, Option } from 'commander'
import makeQrCode from 'qrcode-generator'

import { cancelWipeOption, deviceArgument, serverOption, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant } from '../table.ts'

type Options = { role?: DeviceRole; server: string; minutes: number; cancelWipe?: boolean }

const SECONDS_PER_MINUTE = 60

/** `device enroll`: lets a device set itself up with a key of its own. */
export function addEnrollDeviceCommand(group: Command, cli: Cli): void {
  group
    .command('enroll')
    .description('let a device set itself up: print a one-time code, and a link and a QR code that hold it')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .addOption(
      new Option('--role <role>', 'its role (default: the one that it has; scout for a new device)').choices(
        DeviceRole.options,
      ),
    )
    .addOption(serverOption(cli.environment))
    .addOption(
      new Option('--minutes <number>', 'how long the code is valid')
        .argParser(validMinutes)
        .default(ENROLLMENT_SECONDS.default / SECONDS_PER_MINUTE),
    )
    .addOption(cancelWipeOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} device enroll ws_ridge dev_scout_1 --server https://sync.example.com`,
    )
    .action((workspaceId: WorkspaceId, deviceId: DeviceId, { role, server, minutes, cancelWipe }: Options) =>
      cli.run({ newDatabase: false, pepper: true }, async (admin) => {
        const { document } = await openEnrollment({
          ctx: await systemContext(admin, workspaceId),
          input: {
            deviceId,
            ...(role === undefined ? {} : { role }),
            ...(cancelWipe ? { cancelWipe } : {}),
            validForSeconds: minutes * SECONDS_PER_MINUTE,
            linkTo: (code) => enrollmentLink(server, code),
          },
        })
        const opened = document.toJSON()
        const { code, link, expiresAt } = opened
        const inConsole = consoleLink(server, code ?? '')
        const text = [
          `${deviceId} may enroll in ${workspaceId} with the role ${opened.role}, once, until ${shownInstant(expiresAt)}.`,
          'It enrolls with the link to the app that is to use it, or with the code:',
          '',
          `  field app  ${link}`,
          `  console    ${inConsole}`,
          `  code       ${code}`,
          ...(cli.io.watched ? ['', qrCode(link ?? '')] : []),
        ]
        return { json: { workspaceId, ...opened, consoleLink: inConsole }, text: text.join('\n') }
      }),
    )
}

/** A QR code of block characters, light on dark or dark on light: scanners read both. */
function qrCode(text: string): string {
  const code = makeQrCode(0, 'L')
  code.addData(text)
  code.make()
  return code.createASCII(1, 2)
}

function validMinutes(text: string): number {
  const minutes = Number(text)
  const { least, most } = ENROLLMENT_SECONDS
  const seconds = minutes * SECONDS_PER_MINUTE
  if (!Number.isInteger(minutes) || seconds < least || seconds > most) {
    throw new InvalidArgumentError(
      `It must be a whole number from ${least / SECONDS_PER_MINUTE} to ${most / SECONDS_PER_MINUTE}.`,
    )
  }
  return minutes
}
