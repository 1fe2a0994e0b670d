import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another server holds the data folder. */
export class DataDirLockedError extends Error {
  override readonly name = 'DataDirLockedError'

  /** @param pid of the server that holds the folder, if known */
  constructor(dataDir: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another server' : `a server (pid ${pid})`
    super(
      `${dataDir} is in use by ${holder}; stop it first, or start this one with another DATA_DIR. ` +
        'Several servers share one database through DATABASE_URL.',
    )
  }
}

/**
 * Locks the data folder for this process, creating it when missing (mode 0700).
 *
 * The lock is the operating system's own record lock, held through SQLite because Node has no call for one: it ends
 * with the process, so a crash or reboot leaves no stale lock, no pid has to be checked, and it is visible from another
 * container on the same machine. `server.pid` beside it is only for the message.
 * @throws DataDirLockedError at once when another process (or an earlier call here) holds it.
 */
export function lockDataDir(dataDir: string): Disposable {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const folder = realpathSync(dataDir)
  const pidFile = path.join(folder, 'server.pid')
  const lock = new DatabaseSync(path.join(folder, 'server.lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new DataDirLockedError(folder, readPid(pidFile))
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return {
    [Symbol.dispose]: () => {
      rmSync(pidFile, { force: true })
      lock.close()
    },
  }
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}
