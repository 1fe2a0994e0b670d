import { createWorkspace, DEFAULT_TIME_ZONE, listWorkspaces } from '@fieldsync/services'
import type { Command } from 'commander'

import { workspaceArgument } from '../arguments.ts'
import { COMMAND, type Cli } from '../cli.ts'
import { shownInstant, shownText, table } from '../table.ts'
import { addSettingsCommands } from './settings-commands.ts'

type CreateOptions = { name?: string; timeZone: string; json?: boolean }

/** `workspace create|list|settings` */
export function addWorkspaceCommands(program: Command, cli: Cli): void {
  const group = program
    .command('workspace')
    .description('workspaces (farm companies), which own every record')
  group
    .command('create')
    .description('create a workspace, with the starter playbook and the demo weather')
    .addArgument(workspaceArgument())
    .option('--name <text>', 'display name (default: the id)')
    .option('--time-zone <zone>', 'IANA time zone', DEFAULT_TIME_ZONE)
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} workspace create ws_ridge --name "Ridge Vineyards"`)
    .action((workspaceId, { name, timeZone }: CreateOptions) =>
      cli.run({ newDatabase: true, pepper: false }, async (ctx) => {
        const made = await createWorkspace({ ctx, input: { workspaceId, name, timeZone } })
        const next = `Next, create a device:  ${COMMAND} device create ${made.workspaceId} dev_scout_1`
        return {
          json: made,
          text: `Created the workspace ${made.workspaceId} (${shownText(made.name)}, ${timeZone}).\n${next}`,
        }
      }),
    )
  group
    .command('list')
    .description('list all workspaces')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} workspace list --json`)
    .action(() =>
      cli.run({ newDatabase: false, pepper: false }, async (ctx) => {
        const found = await listWorkspaces({ ctx })
        if (found.length === 0) {
          return {
            json: found,
            text: `There are no workspaces yet. Create one:  ${COMMAND} workspace create ws_ridge`,
          }
        }
        const rows = found.map(({ workspaceId, name, timeZone, devices, createdAt }) => [
          workspaceId,
          shownText(name),
          timeZone,
          String(devices),
          shownInstant(createdAt),
        ])
        return { json: found, text: table(['workspace', 'name', 'time zone', 'devices', 'created'], rows) }
      }),
    )
  addSettingsCommands(group, cli)
}
