import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'

import { archiveSettings, claimArchive, recoverySettings } from './archive-settings.ts'
import { findBinaries } from './binaries.ts'
import { type ClusterPaths, clusterPaths } from './cluster-paths.ts'
import { isClusterProcess } from './cluster-processes.ts'
import { connectionUrl } from './connection-url.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { initCluster, SUPERUSER, superuserPassword } from './init-cluster.ts'
import { keepLogFilesBounded } from './log-files.ts'
import { previousPort, readPostmasterPid } from './postmaster-pid.ts'
import { chooseRunAs, takeOwnership } from './run-as.ts'
import { stopOrphan } from './stop-orphan.ts'
import { type EmbeddedPostgresEvent, superviseCluster } from './supervise.ts'

export type EmbeddedPostgresOptions = {
  /** The cluster's folder; its parent also contains the password file. */
  readonly dataDir: string
  /** Loopback port; by default the cluster's previous one when free, else any free one. */
  readonly port?: number
  /** Gives up crash safety for speed. Tests only: without it every commit is flushed to disk. */
  readonly fast?: boolean
  /** Folder that the write-ahead log is archived into (BAK-11), created when missing; none by default. */
  readonly archive?: string | undefined
  /** Recovers from the archive first, up to an instant as PostgreSQL writes it, or to its end. */
  readonly recovery?: { readonly until: string | undefined }
  /** How many connections clients may open; at least the default of 100. */
  readonly connections?: number | undefined
  readonly onEvent?: (event: EmbeddedPostgresEvent) => void
}

export type EmbeddedPostgres = AsyncDisposable & {
  readonly superuserUrl: string
  readonly port: number
  /** Of the postmaster; changes when it had to be restarted, undefined while there is none. */
  readonly pid: number | undefined
  /** Fast shutdown (open transactions are rolled back), then an immediate one after a timeout. */
  stop(): Promise<void>
}

/**
 * Starts a real PostgreSQL from npm's binaries, creating its cluster first when there is none, and keeps it running:
 * when it dies it is restarted on the same port, with backoff, until `stop()`. The caller must hold the exclusive lock
 * of the data folder (see `lockDataDir`): a PostgreSQL found running in `dataDir` is treated as the orphan of a killed
 * server and stopped.
 * @throws EmbeddedPostgresError when it cannot be set up or started.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { onEvent = () => undefined, fast = false, archive, recovery } = options
  const paths = clusterPaths(options.dataDir)
  const binaries = await findBinaries()
  await mkdir(paths.parentDir, { recursive: true })
  const runAs = await chooseRunAs(binaries, paths.parentDir)

  await requireNoInterruptedRestore(paths)
  if (await initCluster(runAs, paths, fast)) onEvent({ type: 'initialised', dataDir: paths.dataDir })
  const orphan = await stopOrphan(paths.dataDir)
  if (orphan !== undefined) onEvent({ type: 'orphan-stopped', pid: orphan })
  await takeOwnership(runAs, paths.dataDir)
  if (archive !== undefined) {
    await claimArchive(archive, paths.dataDir)
    await takeOwnership(runAs, archive)
  }
  const settings = {
    ...(options.connections !== undefined && { max_connections: String(Math.max(100, options.connections)) }),
    ...(archive !== undefined && archiveSettings(archive)),
    ...(archive !== undefined && recovery && recoverySettings(archive, recovery.until)),
  }

  const port = options.port ?? (await choosePort(await previousPort(paths)))
  const superuserUrl = connectionUrl(`postgresql://127.0.0.1:${port}/postgres`, {
    user: SUPERUSER,
    password: await superuserPassword(paths),
  })
  const supervised = await superviseCluster({ runAs, paths, port, fast, superuserUrl, settings }, onEvent)
  const leaveLogFiles = keepLogFilesBounded(paths.logDir)
  const stop = async () => {
    leaveLogFiles()
    await supervised.stop()
  }
  return {
    superuserUrl,
    port,
    get pid() {
      return supervised.pid()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/**
 * A restore that was interrupted while it exchanged the folders left the cluster under another name; a new one in its place would
 * hide it.
 * @throws EmbeddedPostgresError
 */
async function requireNoInterruptedRestore({ dataDir, versionFile }: ClusterPaths): Promise<void> {
  if (existsSync(versionFile) || !existsSync(`${dataDir}.restoring`)) return
  throw new EmbeddedPostgresError(`a restore of ${dataDir} was interrupted; run it again`)
}

async function choosePort(previous: number | undefined): Promise<number> {
  return previous !== undefined && (await isPortFree(previous)) ? previous : freePort()
}

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

/** Whether a server could listen on this loopback port now. */
async function isPortFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  )
}

/** A loopback port that was free a moment ago, chosen by the operating system. */
export async function freePort(): Promise<number> {
  return listenOnce(0)
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('the operating system gave no port'))
      })
    })
  })
}
