import { deviceToken } from '@fieldsync/client'
import type { ForeignStore } from '@fieldsync/sync-engine'
import type { Command } from 'commander'

import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { EXIT } from '../../exit-code.ts'
import { counted, shownText } from '../../table.ts'
import { asOption, typed } from './device-folder.ts'
import { type ClientDevice, onDevice } from './open-device.ts'
import { exportedText, writeExport } from './write-export.ts'

type SendOptions = { as: string; url?: string; token?: string; tokenStdin?: boolean }

/** `client store send|export|adopt`: what a person may do about a store of another owner (RUN-20). */
export function addStoreCommands(group: Command, cli: Cli): void {
  const store = group
    .command('store')
    .description('what to do with a store that belongs to another device or workspace')
  store
    .command('send')
    .description('send what is unsent in it with the token of its owner, to the owner’s workspace')
    .addOption(asOption())
    .option('--token <token>', 'a token of the owner')
    .option('--token-stdin', 'read the token from standard input instead')
    .option('--url <address>', 'address of the owner’s server (default: this device’s)')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client store send --token fsd_…`)
    .action(({ as, url, token: given, tokenStdin }: SendOptions) =>
      onDevice(cli, as, async (device) => {
        foreignOf(device)
        const token = (tokenStdin === true ? await cli.io.readInput() : (given ?? '')).trim()
        if (token === '') {
          throw new ClientError(
            'VALIDATION_ERROR',
            'Give the token of its owner with --token or --token-stdin.',
          )
        }
        const status = await device.client.foreign.send({ credentials: deviceToken(token), url })
        const { state, pending, conflicts, quarantined, problem } = status
        const isSent = pending === 0 && state === 'idle'
        const left = conflicts + quarantined
        return {
          text: isSent
            ? `Sent.${left === 0 ? '' : ` ${counted(left, 'conflict')} left in the store.`}`
            : `Not sent: ${counted(pending, 'write')} still unsent${problem === null ? '' : `. ${shownText(problem)}`}`,
          json: { state, pending, conflicts, quarantined, problem },
          exitCode: isSent ? EXIT.done : state === 'sync_deferred' ? EXIT.unavailable : EXIT.failed,
        }
      }),
    )
  store
    .command('export')
    .description('write everything in it that no server is known to have to a new file')
    .argument('<file>', 'the JSON file to write; an existing file is not replaced')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client store export unsent.json`)
    .action((file: string, { as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const { owner } = foreignOf(device)
        const queue = await device.client.foreign.export()
        await writeExport(file, queue)
        const [writes, conflicts, localOnly] = [
          queue.entries.length,
          queue.conflicts.length,
          queue.localOnly.length,
        ]
        return {
          text: `Exported ${exportedText({ writes, conflicts, localOnly })} of ${owner.deviceId} to ${file}.`,
          json: { file, writes, conflicts, localOnly, owner },
        }
      }),
    )
  store
    .command('adopt')
    .description('assign it to this workspace: what is unsent in it is sent there with the next sync')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client store adopt`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        foreignOf(device)
        const adopted = await device.client.foreign.adopt()
        await device.client.stop()
        if (!adopted.ok) {
          throw new ClientError(
            'REFUSED',
            `The store ${adopted.issues.map(({ message }) => message).join('; ')}.`,
          )
        }
        return { text: `Adopted. Send it:  ${typed(as, 'sync')}`, json: { adopted: true } }
      }),
    )
}

/** @throws ClientError for a device whose store is its own */
function foreignOf({ client, as }: ClientDevice): ForeignStore {
  const { foreign } = client.status()
  if (foreign !== null) return foreign
  throw new ClientError(
    'VALIDATION_ERROR',
    `The store is this device’s own: there is nothing to decide. Send what is unsent:  ${typed(as, 'sync')}`,
  )
}

/** What is unsent in a foreign store, and the commands that decide about it. */
export function foreignLines(as: string, foreign: ForeignStore, unsent: number): Outcome['text'] {
  const { owner, reason } = foreign
  const lines = [
    `${unsent} unsent in the store of ${owner.deviceId}${owner.workspaceUid === null ? '' : ` (${owner.workspaceUid})`}.`,
    `Send it with its own token:  ${typed(as, 'store send --token <token>')}`,
    `Export it:                   ${typed(as, 'store export <file>')}`,
  ]
  if (reason !== 'other_device') {
    lines.push(`If it belongs here:          ${typed(as, 'store adopt')}`)
  }
  return lines.join('\n')
}
