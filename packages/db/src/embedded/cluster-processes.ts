import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

const LOG_WRITER_MS = 5_000
const POLL_MS = 25

/**
 * Whether `pid` is a PostgreSQL process of exactly this data directory. A number alone proves nothing: after a crash or
 * reboot it may belong to any process, so nothing is ever signaled before this has returned true.
 */
export async function isClusterProcess(pid: number, dataDir: string): Promise<boolean> {
  if (process.platform === 'linux') {
    // Every PostgreSQL process works inside its data directory. A zombie has no working directory any more.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
    if (cwd === undefined || cwd !== (await realpath(dataDir).catch(() => undefined))) return false
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return name.trim() === 'postgres'
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.includes('postgres') && stdout.includes(path.resolve(dataDir))
}

/** All PostgreSQL processes of this data directory; only available on Linux, empty elsewhere. */
export async function clusterProcesses(dataDir: string): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid) && pid > 0)
  const ours = await Promise.all(pids.map((pid) => isClusterProcess(pid, dataDir)))
  return pids.filter((_, index) => ours[index])
}

/**
 * Resolves when no process of an ended cluster is left: the log writer ends a moment after the postmaster, when no
 * process can write to it any more. Waits a few seconds at most.
 */
export async function untilNoneIsLeft(dataDir: string): Promise<void> {
  const until = performance.now() + LOG_WRITER_MS
  while (performance.now() < until && (await clusterProcesses(dataDir)).length > 0) await delay(POLL_MS)
}
