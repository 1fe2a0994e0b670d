import { execFile } from 'node:child_process'

export type CommandOptions = {
  readonly cwd: string
  /** Replaces the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Runs a program to its end and returns what it printed on stdout.
 * @throws Error with everything it printed when it exits with a code other than 0
 */
export function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env }: CommandOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024, ...(env !== undefined && { env }) }
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${[program, ...args].join(' ')} failed in ${cwd}:\n${stdout}${stderr}`))
    })
  })
}
