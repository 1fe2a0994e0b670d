import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type NodeProcess, startProgram } from '@fieldsync/testkit'

import type { CommandIo } from '../cli/io.ts'
import { runCli } from '../cli/run-cli.ts'

/** The result of a command. `status`: the progress shown on the terminal. */
type Ran = { code: number; stdout: string; stderr: string; status: string[] }

/** The headless devices of a test, in their own folder; disposing removes it. */
export type ClientDevices = AsyncDisposable & {
  readonly dataDir: string
  /** Runs `client …` as the device of this name, in this process. */
  run(as: string, ...args: string[]): Promise<Ran>
  /** The same with `--json`: its output. @throws Error with the error output unless it exits 0 */
  json(as: string, ...args: string[]): Promise<unknown>
  /** Starts one in a process of its own, to be killed or interrupted. */
  start(as: string, ...args: string[]): NodeProcess
}

/** Runs a command line as a person's terminal would. */
export async function runCommand(args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const ran: Ran = { code: 0, stdout: '', stderr: '', status: [] }
  const io: CommandIo = {
    out: (text) => void (ran.stdout += `${text}\n`),
    err: (text) => void (ran.stderr += `${text}\n`),
    status: (text) => void ran.status.push(text),
    watched: true,
    readInput: () => Promise.resolve(''),
    untilInterrupted: () => Promise.reject(new Error('a command that goes on needs a process of its own')),
  }
  ran.code = await runCli(args, env, io)
  return ran
}

export async function clientDevices(): Promise<ClientDevices> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'fieldsync-field-'))
  const env = { DATA_DIR: dataDir }
  const words = (as: string, args: readonly string[]) => ['client', ...args, '--as', as]
  return {
    dataDir,
    run: (as, ...args) => runCommand(words(as, args), env),
    json: async (as, ...args) => {
      const { code, stdout, stderr } = await runCommand([...words(as, args), '--json'], env)
      if (code !== 0) throw new Error(`field ${args.join(' ')} exited ${code}: ${stderr}${stdout}`)
      return JSON.parse(stdout)
    },
    start: (as, ...args) => startProgram('cli/main.ts', words(as, args), env),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
  }
}
