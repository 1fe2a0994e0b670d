import { readFile } from 'node:fs/promises'

import type { ClusterPaths } from './cluster-paths.ts'

/** What a running PostgreSQL records in `postmaster.pid`. */
type PostmasterPid = {
  readonly pid: number
  readonly port: number | undefined
  readonly ready: boolean
}

/** Reads `postmaster.pid`; undefined when it does not exist or is not yet complete. */
export async function readPostmasterPid(paths: ClusterPaths): Promise<PostmasterPid | undefined> {
  const lines = (await readFile(paths.pidFile, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  const port = Number(lines[3])
  return { pid, port: port > 0 ? port : undefined, ready: lines[7]?.trim() === 'ready' }
}

/** The port the cluster last ran on, from the options PostgreSQL records at each start. */
export async function previousPort(paths: ClusterPaths): Promise<number | undefined> {
  const options = await readFile(paths.optionsFile, 'utf8').catch(() => '')
  const port = /"--port=(\d+)"/.exec(options)?.[1]
  return port === undefined ? undefined : Number(port)
}
