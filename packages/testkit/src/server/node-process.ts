import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const SERVER_DIR = path.resolve(import.meta.dirname, '../../../../apps/server/src')

/** How a process ended, and everything it printed. */
export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

export type NodeProcess = {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Ended>
  stdout(): string
  stderr(): string
  /** Calls back with all of stdout so far, at once and after each new piece. */
  onStdout(listener: (text: string) => void): void
}

/**
 * Starts one of the server's programs with this Node. Of the test's own environment it inherits only what a program
 * needs to run at all, and the cache of compiled sources that halves its start, so that a developer's variables change
 * no test.
 * @param nodeArgs options of Node itself
 */
export function startProgram(
  file: 'main.ts' | 'cli/main.ts',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): NodeProcess {
  const inherited = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|TMPDIR|LANG|NODE_COMPILE_CACHE|FIELDSYNC_PG_.*)$/.test(name),
  )
  const child = spawn(process.execPath, [...nodeArgs, path.join(SERVER_DIR, file), ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const listeners: ((text: string) => void)[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    for (const listener of listeners) listener(stdout)
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  if (child.pid === undefined) throw new Error(`could not start ${process.execPath}`)
  return {
    child,
    pid: child.pid,
    ended: (async () => {
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
      return { code, signal, stdout, stderr }
    })(),
    stdout: () => stdout,
    stderr: () => stderr,
    onStdout: (listener) => {
      listeners.push(listener)
      listener(stdout)
    },
  }
}

/** Runs a program to its end. @param input what it reads from standard input */
export async function runProgram(
  file: 'main.ts' | 'cli/main.ts',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<Ended> {
  const started = startProgram(file, args, env)
  started.child.stdin?.end(input)
  return started.ended
}
