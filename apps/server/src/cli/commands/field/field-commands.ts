import type { Command } from 'commander'

import type { Cli } from '../../cli.ts'
import { addConflictCommands } from './conflict-commands.ts'
import { addEnrolCommand } from './enrol-command.ts'
import { addLocalOnlyCommands } from './local-only-commands.ts'
import { addStoreCommands } from './store-commands.ts'
import { addSyncCommands } from './sync-commands.ts'
import { addWatchCommand } from './watch-command.ts'
import { addWriteCommands } from './write-commands.ts'

/** `field …`: a device without a screen, on the same client and store as any other program on Node. */
export function addFieldCommands(program: Command, cli: Cli): void {
  const group = program
    .command('field')
    .description('be a device: write offline, sync, meet conflicts and resolve them')
  addEnrolCommand(group, cli)
  addWriteCommands(group, cli)
  addSyncCommands(group, cli)
  addConflictCommands(group, cli)
  addLocalOnlyCommands(group, cli)
  addWatchCommand(group, cli)
  addStoreCommands(group, cli)
}
