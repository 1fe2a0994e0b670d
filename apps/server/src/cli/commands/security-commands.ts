import { listAllSecurityEvents } from '@fieldsync/services'
import type { Command } from 'commander'

import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant, shownText, table } from '../table.ts'

const SHOWN = 200

/** `security list` */
export function addSecurityCommands(program: Command, cli: Cli): void {
  const group = program.command('security').description('the security log: attempts that were refused')
  group
    .command('list')
    .description(`list the last ${SHOWN} kinds of refused attempts, counted by the minute, of all workspaces`)
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} security list`)
    .action(() =>
      cli.run({ newDatabase: false, pepper: false }, async (ctx) => {
        const events = await listAllSecurityEvents({ ctx, limit: SHOWN })
        const rows = events.map((event) => [
          shownInstant(event.minute),
          String(event.count),
          event.kind,
          event.reason,
          event.workspaceId ?? '-',
          event.deviceId ?? '-',
          event.address ?? '-',
        ])
        return {
          json: events,
          text:
            events.length === 0
              ? 'No attempt was refused.'
              : table(
                  ['minute', 'count', 'kind', 'reason', 'workspace', 'device', 'last address'],
                  rows.map((row) => row.map(shownText)),
                ),
        }
      }),
    )
}
