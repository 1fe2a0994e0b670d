import path from 'node:path'

import {
  APP_ROLE,
  type EmbeddedPostgresEvent,
  ensureRoles,
  prepareSchema,
  startEmbeddedPostgres,
} from '@fieldsync/db'

import type { DatabaseEnv } from '../env/database-env.ts'
import { obtainRolePasswords } from '../secrets/secrets.ts'

export const DATABASE_NAME = 'fieldsync'

export const clusterDir = (env: DatabaseEnv) => path.join(env.dataDir, 'postgres')

/** A migrated database and its URL for the application's role. Disposing stops what was started for it. */
export type ReadyDatabase = AsyncDisposable & { readonly appUrl: string }

/** With the way in of the tables' owner, too. */
export type EmbeddedDatabase = ReadyDatabase & { readonly ownerUrl: string }

export type DatabaseProgress = {
  readonly onEvent: (event: EmbeddedPostgresEvent) => void
  readonly onMigrated: (name: string, elapsedMs: number) => void
}

/**
 * Starts the embedded PostgreSQL of a data folder, whose lock the caller holds, and brings roles and schema up to date.
 * @throws EmbeddedPostgresError, MigrationError, SecretError
 */
export async function startEmbeddedDatabase(
  env: DatabaseEnv,
  progress: DatabaseProgress,
): Promise<EmbeddedDatabase> {
  const passwords = await obtainRolePasswords(env)
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(
    await startEmbeddedPostgres({ dataDir: clusterDir(env), onEvent: progress.onEvent }),
  )
  const urls = await ensureRoles(postgres.superuserUrl, { database: DATABASE_NAME, ...passwords })
  await prepareSchema({ ownerUrl: urls.ownerUrl, appRole: APP_ROLE, onApplied: progress.onMigrated })
  const started = stack.move()
  return { ...urls, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
