import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { stopOrphan } from '@fieldsync/db'

import { type Ended, startProgram } from './node-process.ts'

/** A server in a process of its own. */
export type TestServer = AsyncDisposable & {
  /** Address without a slash at its end. */
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  /** How it ended; `kill` and disposing end it. */
  readonly ended: Promise<Ended>
  kill(signal: NodeJS.Signals): Promise<Ended>
  /** Everything it has printed on stdout so far: JSON log lines, and the banner of a first start. */
  logs(): string
  /** Resolves with the first log line that has this message, printed before or after the call. */
  logged(message: string): Promise<Record<string, unknown>>
}

export type ServerOptions = {
  /** Added to a free port, a data folder of its own and JSON logs. */
  readonly env?: Readonly<Record<string, string>>
  /** As typed behind `npm start --`. */
  readonly args?: readonly string[]
  /** `listening` returns while the server still answers 503; default `ready`. */
  readonly until?: 'ready' | 'listening'
}

const STOP_LIMIT_MS = 30_000
/** What a server says of itself, or Node of it, when it holds what it should have given back. */
const LEFT_OVER = /left over at the end|MaxListenersExceededWarning/

// Standard input is a pipe from the test's process and ends with it, however that was killed.
const STOP_WITH_THE_TEST = `process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGTERM'))`
const NODE_ARGS = [`--import=data:text/javascript,${encodeURIComponent(STOP_WITH_THE_TEST)}`]

/**
 * Starts the real server and waits until it is ready. Disposing stops it, with everything it started, also after a
 * `kill -9`, and deletes its data folder unless `DATA_DIR` was given. A server that disposing stops has to end by
 * itself, with exit code 0 and nothing left over.
 * @throws Error with what it printed when it ends before that.
 */
export async function startServer({
  env = {},
  args = [],
  until = 'ready',
}: ServerOptions = {}): Promise<TestServer> {
  const given = env['DATA_DIR']
  const dataDir = given ?? path.join(await mkdtemp(path.join(tmpdir(), 'fieldsync-server-')), 'data')
  const program = startProgram(
    'main.ts',
    args,
    { PORT: '0', LOG_FORMAT: 'json', ...env, DATA_DIR: dataDir },
    NODE_ARGS,
  )

  const logged = async (message: string) => {
    const found = Promise.withResolvers<Record<string, unknown>>()
    program.onStdout((text) => {
      const line = logLines(text).find((fields) => fields['msg'] === message)
      if (line !== undefined) found.resolve(line)
    })
    const ended = async () => {
      const { code, signal, stdout, stderr } = await program.ended
      throw new Error(
        `the server ended (${code ?? signal}) without logging "${message}":\n${stderr}${stdout}`,
      )
    }
    return Promise.race([found.promise, ended()])
  }
  const kill = (signal: NodeJS.Signals) => {
    program.child.kill(signal)
    return program.ended
  }
  const dispose = async () => {
    const { exitCode, signalCode } = program.child
    const ranUntilNow = exitCode === null && signalCode === null
    const impatient = setTimeout(() => program.child.kill('SIGKILL'), STOP_LIMIT_MS)
    const { code, stdout, stderr } = await kill('SIGTERM')
    clearTimeout(impatient)
    await stopOrphan(path.join(dataDir, 'postgres'))
    if (given === undefined) await rm(path.dirname(dataDir), { recursive: true, force: true })
    if (!ranUntilNow) return
    const findings = [...stdout.split('\n'), ...stderr.split('\n')].filter((line) => LEFT_OVER.test(line))
    if (code !== 0) findings.unshift(`the server stopped with ${code}`)
    if (findings.length > 0) throw new Error(findings.join('\n'))
  }
  try {
    const { address } = await logged('starting')
    if (until === 'ready') await logged('ready')
    const { pid, ended } = program
    const logs = () => program.stdout()
    return { url: String(address), pid, dataDir, ended, kill, logs, logged, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The log's lines among whatever else was printed. */
function logLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
