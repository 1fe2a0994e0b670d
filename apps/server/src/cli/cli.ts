import type { AdminContext } from '@fieldsync/services'

import { readDatabaseEnv } from '../env/database-env.ts'
import type { Environment } from '../env/read-variables.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { CommandIo } from './io.ts'
import { type Needs, openAdmin } from './open-admin.ts'

export { COMMAND } from '../command.ts'

/** The result of a command: for people, and the same for programs. */
export type Outcome = {
  readonly text: string
  readonly json: unknown
  /** The command has already printed lines of JSON: this is the last of them. */
  readonly asLine?: boolean
  readonly exitCode?: ExitCode
}

/** One invocation of the command line: what its commands share. */
export class Cli {
  readonly io: CommandIo
  readonly environment: Environment
  /** Whether the output is for a program. */
  readonly json: boolean
  exitCode: ExitCode = EXIT.done

  constructor(io: CommandIo, environment: Environment, json: boolean) {
    this.io = io
    this.environment = environment
    this.json = json
  }

  /** Opens the database for the time of one command and prints what it returns; nothing where it has printed all itself. */
  async run(needs: Needs, command: (ctx: AdminContext) => Promise<Outcome | undefined>): Promise<void> {
    await using admin = await openAdmin(readDatabaseEnv(this.environment), needs)
    const outcome = await command(admin.ctx)
    if (outcome) this.print(outcome)
  }

  /** Prints the result of a command, and exits with its code. */
  print({ text, json, asLine = false, exitCode = EXIT.done }: Outcome): void {
    this.io.out(this.json ? JSON.stringify(json, null, asLine ? 0 : 2) : text)
    this.exitCode = exitCode
  }

  /** Shows the progress of a long command, on a terminal only. An empty text removes it. */
  progress(text: string): void {
    if (this.io.watched) this.io.status(text)
  }
}
