import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type Ended, type NodeProcess, runProgram, startProgram } from '@fieldsync/testkit'

/** The headless devices of a test, in a folder of their own; disposing removes it. */
export type FieldDevices = AsyncDisposable & {
  readonly dataDir: string
  /** Runs `field …` as the device of this name, in a process of its own. */
  run(as: string, ...args: string[]): Promise<Ended>
  /** The same with `--json`: what it printed. @throws Error with what went wrong unless it exits 0 */
  json(as: string, ...args: string[]): Promise<unknown>
  /** Starts one, to be killed or interrupted. */
  start(as: string, ...args: string[]): NodeProcess
}

export async function fieldDevices(): Promise<FieldDevices> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'fieldsync-field-'))
  const env = { DATA_DIR: dataDir }
  const words = (as: string, args: readonly string[]) => ['field', ...args, '--as', as]
  return {
    dataDir,
    run: (as, ...args) => runProgram('cli/main.ts', words(as, args), env),
    json: async (as, ...args) => {
      const { code, stdout, stderr } = await runProgram('cli/main.ts', [...words(as, args), '--json'], env)
      if (code !== 0) throw new Error(`field ${args.join(' ')} exited ${code}: ${stderr}${stdout}`)
      return JSON.parse(stdout)
    },
    start: (as, ...args) => startProgram('cli/main.ts', words(as, args), env),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
  }
}
