import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

import { clusterPaths } from './cluster-paths.ts'
import { clusterProcesses, isClusterProcess } from './cluster-processes.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { readPostmasterPid } from './postmaster-pid.ts'

const POLL_MS = 25
const FAST_SHUTDOWN_MS = 20_000
const IMMEDIATE_SHUTDOWN_MS = 10_000

/**
 * Prepares a data directory for a new start: stops the PostgreSQL that a killed server left running, waits for
 * processes that outlived their postmaster, and clears a pid file whose number now belongs to an unrelated process. The
 * caller must hold the lock of the folder, so that no other process is using the cluster.
 * @returns the pid of the orphan that was stopped, if there was one.
 * @throws EmbeddedPostgresError when a process of the cluster does not end.
 */
export async function stopOrphan(dataDir: string): Promise<number | undefined> {
  const paths = clusterPaths(dataDir)
  const noted = await readPostmasterPid(paths)
  let stopped: number | undefined
  if (noted !== undefined && (await stopPostmaster(noted.pid, paths.dataDir))) stopped = noted.pid

  const empty = async () => (await clusterProcesses(paths.dataDir)).length === 0
  if (!(await until(empty, 2_000))) {
    for (const pid of await clusterProcesses(paths.dataDir)) signal(pid, 'SIGQUIT')
    if (!(await until(empty, IMMEDIATE_SHUTDOWN_MS))) {
      throw new EmbeddedPostgresError(`processes of a dead PostgreSQL in ${paths.dataDir} do not stop`)
    }
  }

  // PostgreSQL refuses to start while any process has that number. Only where the list of processes is complete do we
  // know better; elsewhere PostgreSQL's own check decides.
  if (process.platform === 'linux') await rm(paths.pidFile, { force: true })
  return stopped
}

/**
 * Stops exactly this postmaster, whoever started it; one of a later start on the same folder has another number.
 * @returns whether it ran
 * @throws EmbeddedPostgresError when it does not end
 */
export async function stopPostmaster(pid: number, dataDir: string): Promise<boolean> {
  const runs = () => isClusterProcess(pid, dataDir)
  if (!(await runs())) return false
  const gone = async () => !(await runs())
  signal(pid, 'SIGINT')
  if (!(await until(gone, FAST_SHUTDOWN_MS))) {
    signal(pid, 'SIGQUIT')
    if (!(await until(gone, IMMEDIATE_SHUTDOWN_MS)))
      throw new EmbeddedPostgresError(`PostgreSQL ${pid} of ${dataDir} does not stop`)
  }
  return true
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself between the check and the signal.
  }
}

async function until(condition: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  for (let waited = 0; ; waited += POLL_MS) {
    if (await condition()) return true
    if (waited >= limitMs) return false
    await delay(POLL_MS)
  }
}
