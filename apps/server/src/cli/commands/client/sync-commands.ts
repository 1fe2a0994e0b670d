import { observed } from '@fieldsync/domain'
import type { Command } from 'commander'

import { type Cli, COMMAND } from '../../cli.ts'
import { shownInstant, shownText, table } from '../../table.ts'
import { clockWarning } from './describe-event.ts'
import { asOption } from './device-folder.ts'
import { onDevice } from './open-device.ts'
import { meantObservation } from './saved-observation.ts'
import { shortId } from './short-id.ts'
import { shownObservation } from './shown-observation.ts'
import { foreignLines } from './store-commands.ts'
import { syncOnce, syncOutcome } from './sync-outcome.ts'

const LONGEST_NOTE = 60

/** `client sync|status|list|show` */
export function addSyncCommands(group: Command, cli: Cli): void {
  group
    .command('sync')
    .description(
      'send what is unsent and receive what others wrote; exit code 4 without a server, and nothing is lost',
    )
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client sync`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async (device) => syncOutcome(device, await syncOnce(cli, device))),
    )
  group
    .command('status')
    .description('what is unsent on this device, and when it last synced')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client status`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, ({ client, profile: { deviceId, url } }) => {
        const { pending, conflicts, quarantined, localOnly, lastSyncAt, foreign, clockOffset } =
          client.status()
        const synced = lastSyncAt === null ? null : new Date(lastSyncAt)
        const rows = [
          ['device', deviceId],
          ['server', url],
          ['last sync', shownInstant(synced)],
          ['unsent', String(pending)],
          ['conflicts', String(conflicts)],
          ['rejected', String(quarantined)],
          ['only here', String(localOnly)],
          ...(clockOffset === 0 ? [] : [['clock', clockWarning(clockOffset)]]),
        ]
        const lines = rows.map(([name = '', value = '']) => `${name.padEnd(16)}${value}`)
        if (foreign !== null) lines.push(foreignLines(as, foreign, pending + conflicts + quarantined))
        return Promise.resolve({
          text: lines.join('\n'),
          json: {
            deviceId,
            url,
            lastSyncAt: synced,
            pending,
            conflicts,
            quarantined,
            localOnly,
            foreign,
            clockOffset,
          },
        })
      }),
    )
  group
    .command('list')
    .description('the observations on this device, newest first')
    .addOption(asOption())
    .option('--limit <number>', 'how many', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client list --limit 5`)
    .action(({ as, limit }: { as: string; limit: string }) =>
      onDevice(cli, as, async ({ client }) => {
        const most = Math.max(1, Math.trunc(Number(limit)) || 1)
        const found = await client.records('observation', { reverse: true, limit: most })
        const rows = found.map(({ id, status, document }) => [
          shortId(id),
          status,
          document.status,
          document.deviceId,
          observed(document, '/extraction/severity') ?? '-',
          shownText(document.rawNoteText.slice(0, LONGEST_NOTE)),
        ])
        return {
          text:
            rows.length === 0
              ? 'There are no observations on this device yet.'
              : table(['id', 'sync', 'status', 'by', 'severity', 'note'], rows),
          json: found,
        }
      }),
    )
  group
    .command('show')
    .description('one observation on this device')
    .argument('<id>', 'id of the observation, or its end')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client show 2M6RYB`)
    .action((id: string, { as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const json = await meantObservation(device, id)
        return { text: shownObservation(json), json }
      }),
    )
}
