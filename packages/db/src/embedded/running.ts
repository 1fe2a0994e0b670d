import { clusterPaths } from './cluster-paths.ts'
import { isClusterProcess } from './cluster-processes.ts'
import { connectionUrl } from './connection-url.ts'
import { superuserPassword, SUPERUSER } from './init-cluster.ts'
import { readPostmasterPid } from './postmaster-pid.ts'

/**
 * The embedded PostgreSQL that another process (a running server) runs in this folder, for tools that work beside it;
 * undefined when none runs or it is not ready yet.
 */
export async function runningEmbeddedPostgres(
  dataDir: string,
): Promise<{ superuserUrl: string; port: number; pid: number } | undefined> {
  const paths = clusterPaths(dataDir)
  const noted = await readPostmasterPid(paths)
  if (noted?.port === undefined || !noted.ready) return undefined
  if (!(await isClusterProcess(noted.pid, paths.dataDir))) return undefined
  const superuserUrl = connectionUrl(`postgresql://127.0.0.1:${noted.port}/postgres`, {
    user: SUPERUSER,
    password: await superuserPassword(paths),
  })
  return { superuserUrl, port: noted.port, pid: noted.pid }
}
