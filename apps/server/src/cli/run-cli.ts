import { Command, CommanderError } from 'commander'

import type { Environment } from '../env/read-variables.ts'
import { createScrubber } from '../log/scrub.ts'
import { SERVER_VERSION } from '../version.ts'
import { Cli, COMMAND } from './cli.ts'
import { addAuditCommands } from './commands/audit-commands.ts'
import { addBackupCommands } from './commands/backup/backup-commands.ts'
import { addRestoreCommand } from './commands/backup/restore-command.ts'
import { addClientCommands } from './commands/client/client-commands.ts'
import { addDeviceCommands } from './commands/device-commands.ts'
import { addDoctorCommand } from './commands/doctor-command.ts'
import { addEraseCommands } from './commands/erase-command.ts'
import { addGrantCommands } from './commands/grant-commands.ts'
import { addImportCommand } from './commands/import/import-command.ts'
import { addJobCommands } from './commands/job-commands.ts'
import { addPlaybookCommands } from './commands/playbook/playbook-commands.ts'
import { addSecurityCommands } from './commands/security-commands.ts'
import { addServiceCommands } from './commands/service-commands.ts'
import { addUserCommands } from './commands/user-commands.ts'
import { addWorkspaceCommands } from './commands/workspace-commands.ts'
import { EXIT, type ExitCode, failureOf } from './exit-code.ts'
import type { CommandIo } from './io.ts'

/**
 * Runs one command line and returns its exit code. Results go to stdout and errors to stderr, as JSON with `--json`.
 * @param args without the program's own name.
 */
export async function runCli(
  args: readonly string[],
  environment: Environment,
  io: CommandIo,
): Promise<ExitCode> {
  const json = args.includes('--json')
  const cli = new Cli(io, environment, json)
  try {
    await createProgram(cli).parseAsync(args, { from: 'user' })
    return cli.exitCode
  } catch (error) {
    // Commander has already printed its help or its error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const failure = failureOf(error)
    const clean = createScrubber([])
    const message = clean(failure.message)
    io.err(json ? JSON.stringify({ error: { code: failure.code, message } }) : `fieldsync: ${message}`)
    if (failure.bug && error instanceof Error && !json) io.err(clean(error.stack ?? ''))
    return failure.exitCode
  }
}

function createProgram(cli: Cli): Command {
  const { io } = cli
  const program = new Command('fieldsync')
    .description(
      'Manages the workspaces, people, devices, services and grants of a Fieldsync server, even while it is running.',
    )
    .version(SERVER_VERSION)
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    })
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Finds the database as the server does: DATABASE_URL, else DATA_DIR (.data).

Exit codes: 0 done, 1 failed (a broken audit chain, something already exists), 2 wrong usage,
3 not found, 4 the database is not available.

Example:
  ${COMMAND} device create ws_demo dev_scout_1 --role scout`,
    )
  addWorkspaceCommands(program, cli)
  addDeviceCommands(program, cli)
  addServiceCommands(program, cli)
  addUserCommands(program, cli)
  addPlaybookCommands(program, cli)
  addGrantCommands(program, cli)
  addAuditCommands(program, cli)
  addSecurityCommands(program, cli)
  addJobCommands(program, cli)
  addEraseCommands(program, cli)
  addImportCommand(program, cli)
  addBackupCommands(program, cli)
  addRestoreCommand(program, cli)
  addDoctorCommand(program, cli)
  addClientCommands(program, cli)
  return program
}
