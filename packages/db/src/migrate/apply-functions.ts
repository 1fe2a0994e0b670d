import type pg from 'pg'

import type { SqlFile } from './migration-files.ts'
import { runSqlFile } from './run-sql-file.ts'

/** A file of functions and the build that recorded it (see {@link SCHEMA_BUILD}). */
type FunctionsRow = { file: string; checksum: string; build: number }

/** The functions of a build. */
export type Functions = { readonly files: readonly SqlFile[]; readonly build: number }

/**
 * The files to be applied: those whose checksum is not the recorded one. None if a newer build has applied its
 * functions, which this one can call as well.
 * @returns undefined when there is nothing to apply or record.
 */
export async function changedFunctions(
  client: pg.Client,
  { files, build }: Functions,
): Promise<readonly SqlFile[] | undefined> {
  const { rows } = await client.query<FunctionsRow>('SELECT file, checksum, build FROM _fieldsync_functions')
  const recordedBuild = Math.max(0, ...rows.map((row) => row.build))
  if (recordedBuild > build) return undefined
  const recorded = new Map(rows.map((row) => [row.file, row.checksum]))
  const changed = files.filter((file) => recorded.get(file.name) !== file.checksum)
  const same = changed.length === 0 && rows.length === files.length && recordedBuild === build
  return same || rows.length + files.length === 0 ? undefined : changed
}

/**
 * Applies the changed files in their order and records all of this build, in the transaction that is open.
 * @throws MigrationError with the file and the position of the error in it.
 */
export async function applyFunctions(
  client: pg.Client,
  { files, build }: Functions,
  changed: readonly SqlFile[],
): Promise<void> {
  for (const file of changed) await runSqlFile(client, file, functionsTitle(file.name))
  await recordFunctions(
    client,
    build,
    files.map(({ name, checksum }) => [name, checksum]),
  )
}

/** Records that the database has these files, by name and checksum, and no others. */
export async function recordFunctions(
  client: pg.Client,
  build: number,
  files: readonly (readonly [name: string, checksum: string])[],
): Promise<void> {
  await client.query('DELETE FROM _fieldsync_functions')
  await client.query(
    `INSERT INTO _fieldsync_functions (file, checksum, build)
     SELECT file, checksum, $1 FROM unnest($2::text[], $3::text[]) AS files(file, checksum)`,
    [build, files.map(([name]) => name), files.map(([, checksum]) => checksum)],
  )
}

export const functionsTitle = (name: string): string => `functions/${name}`
