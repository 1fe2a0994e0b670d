import type { Command } from 'commander'

import type { Cli } from '../../cli.ts'
import { addConflictCommands } from './conflict-commands.ts'
import { addEnrollCommand } from './enroll-command.ts'
import { addLocalOnlyCommands } from './local-only-commands.ts'
import { addRecommendCommands } from './recommend-commands.ts'
import { addStoreCommands } from './store-commands.ts'
import { addSyncCommands } from './sync-commands.ts'
import { addWatchCommand } from './watch-command.ts'
import { addWriteCommands } from './write-commands.ts'

// Its name in earlier versions, which scripts may still use.
const FORMER_NAME = 'field'

/** `client …`: a headless device, on the same client and store as any other Node program. */
export function addClientCommands(program: Command, cli: Cli): void {
  addGroup(program.command('client'), cli)
  addGroup(program.command(FORMER_NAME, { hidden: true }), cli)
}

function addGroup(group: Command, cli: Cli): void {
  group.description('act as a device: write offline, sync, and resolve conflicts')
  addEnrollCommand(group, cli)
  addWriteCommands(group, cli)
  addRecommendCommands(group, cli)
  addSyncCommands(group, cli)
  addConflictCommands(group, cli)
  addLocalOnlyCommands(group, cli)
  addWatchCommand(group, cli)
  addStoreCommands(group, cli)
}
