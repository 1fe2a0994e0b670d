import path from 'node:path'

import {
  APP_ROLE,
  type EmbeddedPostgresEvent,
  ensureRoles,
  prepareSchema,
  startEmbeddedPostgres,
  unfinishedRestore,
} from '@fieldsync/db'

import type { DatabaseEnv } from '../env/database-env.ts'
import { obtainRolePasswords } from '../secrets/secrets.ts'
import { DatabaseError } from './database-error.ts'

export const DATABASE_NAME = 'fieldsync'

export const clusterDir = (env: DatabaseEnv) => path.join(env.dataDir, 'postgres')

/** A migrated database and its URL for the application's role. Disposing stops what was started for it. */
export type ReadyDatabase = AsyncDisposable & { readonly appUrl: string }

/** With the way in of the tables' owner, too. */
export type EmbeddedDatabase = ReadyDatabase & { readonly ownerUrl: string }

/** What the processes of a server need of their database. */
export type DatabaseNeeds = {
  /** How many connections they open together. */
  readonly connections: number
}

export type DatabaseProgress = {
  readonly onEvent: (event: EmbeddedPostgresEvent) => void
  readonly onMigrated: (name: string, elapsedMs: number) => void
}

/**
 * Starts the embedded PostgreSQL of a data folder, whose lock the caller holds, and brings roles and schema up to date.
 * @throws EmbeddedPostgresError, MigrationError, SecretError; DatabaseError where a restore into it was not finished
 */
export async function startEmbeddedDatabase(
  env: DatabaseEnv,
  progress: DatabaseProgress,
  needs?: DatabaseNeeds,
): Promise<EmbeddedDatabase> {
  await using stack = new AsyncDisposableStack()
  const { appUrl, ownerUrl } = stack.use(await startEmbeddedCluster(env, progress.onEvent, needs))
  await requireFinishedRestore(ownerUrl)
  await prepareSchema({ ownerUrl, appRole: APP_ROLE, onApplied: progress.onMigrated })
  const started = stack.move()
  return { appUrl, ownerUrl, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** The same with its roles and its database, and without a look at what is in that. */
export async function startEmbeddedCluster(
  env: DatabaseEnv,
  onEvent: (event: EmbeddedPostgresEvent) => void,
  needs?: DatabaseNeeds,
): Promise<EmbeddedDatabase> {
  const passwords = await obtainRolePasswords(env)
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(
    await startEmbeddedPostgres({
      dataDir: clusterDir(env),
      archive: env.backups.archive?.folder,
      connections: needs?.connections,
      onEvent,
    }),
  )
  const urls = await ensureRoles(postgres.superuserUrl, { database: DATABASE_NAME, ...passwords })
  const started = stack.move()
  return { ...urls, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** @throws DatabaseError for a database whose restore was begun and not finished (BAK-7) */
export async function requireFinishedRestore(ownerUrl: string): Promise<void> {
  if ((await unfinishedRestore(ownerUrl)) === undefined) return
  throw new DatabaseError(
    'a restore into this database was not finished, so that what was erased since the backup may be back; run `restore` again ' +
      'with the same backup',
  )
}
