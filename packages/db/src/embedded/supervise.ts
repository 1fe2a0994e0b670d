import { setTimeout as delay } from 'node:timers/promises'

import { untilNoneIsLeft } from './cluster-processes.ts'
import { lastWords } from './log-files.ts'
import { type LaunchSpec, launchPostmaster, type Postmaster, type PostmasterExit } from './postmaster.ts'
import { stopOrphan } from './stop-orphan.ts'

/** Events of an embedded PostgreSQL, for the log of the server that owns it. */
export type EmbeddedPostgresEvent =
  | { readonly type: 'initialised'; readonly dataDir: string }
  | { readonly type: 'orphan-stopped'; readonly pid: number }
  | { readonly type: 'started'; readonly pid: number; readonly port: number }
  /** `reason`: its last error message, empty where it was killed. */
  | ({ readonly type: 'exited'; readonly reason: string } & PostmasterExit)
  | { readonly type: 'restart-failed'; readonly attempt: number; readonly error: unknown }
  | { readonly type: 'restarted'; readonly attempt: number; readonly pid: number; readonly port: number }
  | { readonly type: 'stopped' }

type SupervisedCluster = { pid(): number | undefined; stop(): Promise<void> }

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000
const FAST_SHUTDOWN_MS = 20_000
/** How far back to search the log for why a postmaster ended. */
const DYING_MS = 10_000

/**
 * Starts the postmaster and restarts it on the same port whenever it ends by itself, for as long as it takes: in the
 * meantime its clients see refused connections, and recover when it is back.
 */
export async function superviseCluster(
  spec: LaunchSpec,
  onEvent: (event: EmbeddedPostgresEvent) => void,
): Promise<SupervisedCluster> {
  const stopping = new AbortController()
  let current: Postmaster | undefined = await launchPostmaster(spec, stopping.signal)
  onEvent({ type: 'started', pid: current.pid, port: spec.port })
  // Last resort for a server that exits without stopping its database.
  const onProcessExit = () => current?.kill('SIGINT')
  process.once('exit', onProcessExit)

  const supervision = (async () => {
    while (current !== undefined) {
      const exit = await current.exited
      current = undefined
      if (stopping.signal.aborted) return
      const reason = await lastWords(spec.paths.logDir, Date.now() - DYING_MS)
      onEvent({ type: 'exited', ...exit, reason })
      current = await restart(spec, stopping.signal, onEvent)
    }
  })()

  const stop = async () => {
    stopping.abort()
    if (current !== undefined) {
      current.kill('SIGINT')
      const impatient = setTimeout(() => current?.kill('SIGQUIT'), FAST_SHUTDOWN_MS)
      await supervision
      clearTimeout(impatient)
    } else {
      await supervision
    }
    process.removeListener('exit', onProcessExit)
    await untilNoneIsLeft(spec.paths.dataDir)
    onEvent({ type: 'stopped' })
  }
  let stopped: Promise<void> | undefined
  return { pid: () => current?.pid, stop: () => (stopped ??= stop()) }
}

async function restart(
  spec: LaunchSpec,
  stopping: AbortSignal,
  onEvent: (event: EmbeddedPostgresEvent) => void,
): Promise<Postmaster | undefined> {
  for (let attempt = 1; ; attempt++) {
    const wait = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS)
    await delay(wait, undefined, { signal: stopping }).catch(() => undefined)
    if (stopping.aborted) return undefined
    try {
      await stopOrphan(spec.paths.dataDir)
      const postmaster = await launchPostmaster(spec, stopping)
      onEvent({ type: 'restarted', attempt, pid: postmaster.pid, port: spec.port })
      return postmaster
    } catch (error) {
      if (stopping.aborted) return undefined
      onEvent({ type: 'restart-failed', attempt, error })
    }
  }
}
