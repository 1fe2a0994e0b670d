import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

import { connectOnce } from '../connection/connect.ts'
import type { ClusterPaths } from './cluster-paths.ts'
import { untilNoneIsLeft } from './cluster-processes.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { lastWords } from './log-files.ts'
import { readPostmasterPid } from './postmaster-pid.ts'
import { commandFor, type RunAs } from './run-as.ts'
import { postgresArguments } from './settings.ts'

/** How a postmaster exited. */
export type PostmasterExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** One running PostgreSQL server process. */
export type Postmaster = {
  readonly pid: number
  readonly exited: Promise<PostmasterExit>
  kill(signal: NodeJS.Signals): void
}

export type LaunchSpec = {
  readonly runAs: RunAs
  readonly paths: ClusterPaths
  readonly port: number
  readonly fast: boolean
  readonly superuserUrl: string
  /** Of the archive, if there is one. */
  readonly settings: Readonly<Record<string, string>>
}

const POLL_MS = 25
const STDERR_KEPT = 4_000

/**
 * Starts PostgreSQL and waits until it answers. Recovery after a crash may take long, so there is no time limit
 * as long as the process lives.
 * @throws EmbeddedPostgresError when it ends instead, or refuses its superuser's password.
 */
export async function launchPostmaster(spec: LaunchSpec, abort: AbortSignal): Promise<Postmaster> {
  const launchedAt = Date.now()
  const { file, args, identity } = commandFor(
    spec.runAs,
    spec.runAs.binaries.postgres,
    postgresArguments(spec.paths, spec.port, spec.fast, spec.settings),
  )
  const child = spawn(file, args, {
    ...identity,
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C must reach the server first, which still needs its database to drain.
    detached: true,
  })
  let stderr = ''
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_KEPT)))
  let ended: PostmasterExit | undefined
  const exited = new Promise<PostmasterExit>((resolve) => {
    child.once('error', (error) => {
      stderr += String(error)
      resolve((ended = { code: null, signal: null }))
    })
    child.once('exit', (code, signal) => resolve((ended = { code, signal })))
  })

  const postmaster = {
    pid: child.pid ?? 0,
    exited,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
  }
  // PostgreSQL reports itself when it is ready; a different server may answer on the port.
  while (!(await isReady(spec.paths, postmaster.pid))) {
    if (ended !== undefined) {
      await untilNoneIsLeft(spec.paths.dataDir)
      throw await startFailure(spec, ended, stderr, launchedAt)
    }
    if (abort.aborted) await stopAndThrow(spec, postmaster, 'stopped while PostgreSQL was starting')
    await delay(POLL_MS)
  }
  await checkPassword(spec).catch((cause: unknown) =>
    stopAndThrow(
      spec,
      postmaster,
      `PostgreSQL on port ${spec.port} refuses the password in ${spec.paths.passwordFile}`,
      cause,
    ),
  )
  return postmaster
}

async function isReady(paths: ClusterPaths, pid: number): Promise<boolean> {
  const noted = await readPostmasterPid(paths)
  return noted?.pid === pid && noted.ready
}

async function checkPassword(spec: LaunchSpec): Promise<void> {
  const connection = await connectOnce({ url: spec.superuserUrl, applicationName: 'fieldsync-start' })
  await connection[Symbol.asyncDispose]()
}

async function stopAndThrow(
  { paths }: LaunchSpec,
  postmaster: Postmaster,
  message: string,
  cause?: unknown,
): Promise<never> {
  postmaster.kill('SIGINT')
  await postmaster.exited
  await untilNoneIsLeft(paths.dataDir)
  throw new EmbeddedPostgresError(message, { cause })
}

async function startFailure(
  { port, paths: { logDir } }: LaunchSpec,
  exit: PostmasterExit,
  stderr: string,
  launchedAt: number,
): Promise<EmbeddedPostgresError> {
  // Once it has its log, its output only names the log's location.
  const reason = (await lastWords(logDir, launchedAt)) || stderr.trim()
  const how = exit.code ?? exit.signal ?? 'unknown'
  return new EmbeddedPostgresError(
    `PostgreSQL did not start on port ${port} (exit ${how}); see ${logDir}. ${reason}`,
  )
}
