import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const PROGRAM = path.join(import.meta.dirname, '../archive/wal-file.ts')

/** Settings by which PostgreSQL archives its write-ahead log; what a crash of the whole machine may lose is a minute. */
export const archiveSettings = (folder: string): Record<string, string> => ({
  archive_mode: 'on',
  archive_command: commandOf('store', folder),
  archive_timeout: '60s',
})

/** Settings by which it recovers from the archive. @param until as PostgreSQL writes instants; undefined for everything */
export const recoverySettings = (folder: string, until: string | undefined): Record<string, string> => ({
  restore_command: commandOf('fetch', folder),
  ...(until !== undefined && { recovery_target_time: until }),
  recovery_target_action: 'promote',
  // It takes connections when it is promoted, and not before: that is when the start is complete.
  hot_standby: 'off',
})

const commandOf = (command: 'store' | 'fetch', folder: string): string =>
  [process.execPath, PROGRAM, command, folder].map(quoted).join(' ') + ' "%f" "%p"'

/** For the shell, and for PostgreSQL, to which a percent sign begins a name. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`.replaceAll('%', '%%')

/**
 * Creates the folder of the archive, and makes sure that it is of this cluster: the files of another one have the same names.
 * @throws EmbeddedPostgresError where it is of another one
 */
export async function claimArchive(folder: string, dataDir: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const system = await systemIdentifier(dataDir)
  const file = path.join(folder, 'system-identifier')
  const claimed = await readFile(file, 'utf8').catch(() => undefined)
  if (claimed === undefined) await writeFile(file, `${system}\n`, { mode: 0o600, flag: 'wx', flush: true })
  else if (claimed.trim() !== system)
    throw new EmbeddedPostgresError(
      `${folder} has the archive of another database; choose another folder with WAL_ARCHIVE_DIR`,
    )
}

/** Random for each cluster, and kept by its copies: the first 64 bits of its control file. */
async function systemIdentifier(dataDir: string): Promise<string> {
  const control = await readFile(path.join(dataDir, 'global', 'pg_control'))
  return String(control.readBigUInt64LE(0))
}
