import { Instant, type WorkspaceId } from '@fieldsync/contracts'
import type { Checkpoint } from '@fieldsync/domain'
import { type AdminContext, pruneAudit } from '@fieldsync/services'
import { type Command, Option } from 'commander'

import { parserOf, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { counted } from '../table.ts'

/** `audit prune`. @param checkpointsOf signed checkpoints of a workspace's chain that this server's stores have */
export function addAuditPrune(
  group: Command,
  cli: Cli,
  checkpointsOf: (admin: AdminContext, workspaceId: WorkspaceId) => Promise<readonly Checkpoint[]>,
): void {
  group
    .command('prune')
    .description('remove the audit of a workspace up to its last checkpoint before a time; export it first')
    .addArgument(workspaceArgument())
    .addOption(
      new Option('--before <instant>', 'as 2026-01-01T00:00:00Z')
        .argParser(parserOf(Instant))
        .makeOptionMandatory(),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} audit prune ws_ridge --before 2025-01-01T00:00:00Z`)
    .action((workspaceId: WorkspaceId, { before }: { before: Instant }) =>
      cli.run({ newDatabase: false, pepper: false, owner: true }, async (admin) => {
        const checkpoints = await checkpointsOf(admin, workspaceId)
        const onProgress = (rows: number) => cli.progress(`removed ${counted(rows, 'row')}`)
        const input = { workspaceId, before: new Date(before), checkpoints, onProgress }
        const { beginning, rows } = await pruneAudit({ ctx: admin, input })
        cli.progress('')
        return {
          json: { workspaceId, beginning, rows },
          text: `Removed ${counted(rows, 'row')}. The audit of ${workspaceId} begins after row ${beginning.seq}, of which there is a checkpoint.`,
        }
      }),
    )
}
