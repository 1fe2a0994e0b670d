import { execFile } from 'node:child_process'
import { chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { installationDir, type Binaries } from './binaries.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const run = promisify(execFile)
const NOBODY = 65534

/**
 * How a PostgreSQL program is started. PostgreSQL refuses to run as root, so root needs a workaround:
 * - `self`: not root, nothing to do.
 * - `userns`: a user namespace in which our own files belong to an ordinary user.
 * - `setpriv`: uid 65534, keeping the one capability to traverse folders that are not accessible to others.
 * - `nobody`: plain uid 65534, for a data folder that everyone may enter.
 * The last two run a copy of the programs if those are in a folder that is not accessible to others: initdb checks its
 * sibling program with access(2), which disregards capabilities.
 */
type RunAsMethod = 'self' | 'userns' | 'setpriv' | 'nobody'

export type RunAs = {
  readonly method: RunAsMethod
  /** Prefixed to the program on the command line; each of them execs the program. */
  readonly prefix: readonly string[]
  /** Who owns the cluster's files, when that is another user than this process's. */
  readonly owner: number | undefined
  /** Set when the process itself is to be spawned under another uid. */
  readonly spawnUid: number | undefined
  readonly binaries: Binaries
}

// initdb insists on a user with a name, so ours is mapped to one that every system has.
const USERNS = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']
const SETPRIV = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  '--',
]

/**
 * Chooses how to run PostgreSQL for a cluster below `parentDir`, which must exist.
 * `FIELDSYNC_PG_RUN_AS` (`userns`, `setpriv` or `nobody`) forces one way; it only matters to root.
 * `FIELDSYNC_PG_SHARED` (default /var/tmp) is where a copy of the programs goes when one is needed.
 * @throws EmbeddedPostgresError when none works, with the reasons.
 */
export async function chooseRunAs(binaries: Binaries, parentDir: string): Promise<RunAs> {
  const self: RunAs = { method: 'self', prefix: [], owner: undefined, spawnUid: undefined, binaries }
  if (process.platform !== 'linux') return self
  if (process.getuid?.() !== 0) {
    // As a bare uid (common in containers) initdb finds no name for us.
    const mapped = !hasName() && (await works(USERNS, 'true'))
    return mapped ? { ...self, method: 'userns', prefix: USERNS } : self
  }

  const forced = process.env['FIELDSYNC_PG_RUN_AS']
  const allowed = (method: RunAsMethod) => forced === undefined || forced === method
  if (allowed('userns') && (await works(USERNS, 'true'))) {
    return { ...self, method: 'userns', prefix: USERNS, owner: 0 }
  }
  if (allowed('setpriv') && (await works(SETPRIV, 'ls', '-d', path.join(parentDir, '.')))) {
    return {
      ...self,
      method: 'setpriv',
      prefix: SETPRIV,
      owner: NOBODY,
      binaries: await readableByAll(binaries),
    }
  }
  if (allowed('nobody')) {
    if (!(await reachableByAll(parentDir))) {
      throw new EmbeddedPostgresError(
        `PostgreSQL does not run as root, and uid ${NOBODY} cannot enter ${parentDir}; ` +
          'run the server as an ordinary user, or choose a DATA_DIR that others may enter',
      )
    }
    return {
      ...self,
      method: 'nobody',
      owner: NOBODY,
      spawnUid: NOBODY,
      binaries: await readableByAll(binaries),
    }
  }
  throw new EmbeddedPostgresError(`FIELDSYNC_PG_RUN_AS=${forced ?? ''} does not work on this machine`)
}

/** Gives the cluster's files to the user PostgreSQL will run as, in case another user created them. */
export async function takeOwnership(runAs: RunAs, target: string): Promise<void> {
  if (runAs.owner === undefined || (await stat(target)).uid === runAs.owner) return
  await run('chown', ['-R', `${runAs.owner}:${runAs.owner}`, target])
}

/** The command line and spawn options for one of the programs. */
export function commandFor(runAs: RunAs, program: string, args: readonly string[]) {
  const [file = program, ...rest] = [...runAs.prefix, program, ...args]
  const identity = runAs.spawnUid === undefined ? {} : { uid: runAs.spawnUid, gid: runAs.spawnUid }
  return { file, args: rest, identity }
}

function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

async function works(prefix: readonly string[], ...command: string[]): Promise<boolean> {
  const [file = '', ...args] = [...prefix, ...command]
  return run(file, args).then(
    () => true,
    () => false,
  )
}

async function reachableByAll(dir: string): Promise<boolean> {
  const open = ((await stat(dir)).mode & 0o005) === 0o005
  return open && (dir === path.dirname(dir) || reachableByAll(path.dirname(dir)))
}

async function readableByAll(binaries: Binaries): Promise<Binaries> {
  const installed = installationDir(binaries)
  if (await reachableByAll(path.dirname(binaries.postgres))) return binaries
  const manifest = await readFile(path.join(installed, '../package.json'), 'utf8')
  const version = /"version": "([\w.-]+)"/.exec(manifest)?.[1] ?? 'unknown'
  const shared = path.join(process.env['FIELDSYNC_PG_SHARED'] ?? '/var/tmp', `fieldsync-postgres-${version}`)
  const exists = await stat(shared).catch(() => undefined)
  // Another user that created a folder of that name could swap the programs in it.
  if (exists !== undefined && exists.uid !== 0) {
    throw new EmbeddedPostgresError(
      `${shared} does not belong to root; set FIELDSYNC_PG_SHARED to another folder`,
    )
  }
  if (exists === undefined) {
    const partial = `${shared}.${process.pid}`
    await mkdir(partial, { mode: 0o755 })
    await cp(installed, partial, { recursive: true, verbatimSymlinks: true })
    await chown(partial, 0, 0)
    // Two processes may copy at once; the first to finish wins and the copies are the same.
    await rename(partial, shared).catch(() => rm(partial, { recursive: true, force: true }))
  }
  return { initdb: path.join(shared, 'bin/initdb'), postgres: path.join(shared, 'bin/postgres') }
}
