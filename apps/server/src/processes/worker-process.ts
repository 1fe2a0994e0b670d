import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'

import type { MainCalls, WorkerCalls } from './calls.ts'
import { Channel } from './channel.ts'

/** How a process ended. */
export type ProcessEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** One running worker of this process. */
export type WorkerProcess = {
  /** Of this process; no other worker has had it. */
  readonly id: number
  readonly pid: number
  readonly channel: Channel<WorkerCalls, MainCalls>
  /** It has ended, and everything that it logged has been read. */
  readonly ended: Promise<ProcessEnd>
  kill(): void
}

/**
 * Starts a worker of this process. Connections that arrive at the port on which workers listen are accepted here, and each is
 * given to the next worker in turn.
 * @param onLine is called with each line that it logs
 * @param callsFor what it may call here
 */
export function startWorkerProcess(
  onLine: (line: string) => void,
  callsFor: (worker: { readonly replaced: (stream: number) => void }) => MainCalls,
): WorkerProcess {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('../worker.ts', import.meta.url)),
    args: [],
    // One writer of the log: lines of several would be torn where a pipe is full.
    stdio: ['inherit', 'pipe', 'inherit', 'ipc'],
  })
  const worker = cluster.fork()
  const child = worker.process
  readLines(child.stdout, onLine)
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => resolve({ code, signal }))
    child.on('error', () => {
      // One that could not be started never closes; other errors are those of messages to one that has ended.
      if (child.pid === undefined) resolve({ code: null, signal: null })
    })
  })
  const channel: Channel<WorkerCalls, MainCalls> = new Channel(
    child,
    callsFor({
      replaced: (stream) => void channel.call('replaced', stream).catch(() => undefined),
    }),
  )
  return { id: worker.id, pid: child.pid ?? 0, channel, ended, kill: () => void child.kill('SIGKILL') }
}

function readLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
