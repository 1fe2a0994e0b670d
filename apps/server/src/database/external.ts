import { grantApplication, isUnavailable, migrate } from '@fieldsync/db'
import pg from 'pg'

import type { DatabaseEnv } from '../env/database-env.ts'
import { messageOf } from '../log/error-fields.ts'
import { DatabaseError } from './database-error.ts'
import type { DatabaseProgress, ReadyDatabase } from './embedded.ts'
import { untilAvailable, type Waiting } from './until-available.ts'

const OLDEST_VERSION = 150_000

export type ExternalDatabase = NonNullable<DatabaseEnv['external']>

/**
 * Waits for the database of `DATABASE_URL`, checks that it is fit for us and applies pending migrations.
 * @throws DatabaseError when it refuses us for good or is too old; MigrationError.
 */
export async function prepareExternalDatabase(
  external: ExternalDatabase,
  progress: Pick<DatabaseProgress, 'onMigrated'>,
  waiting: Waiting,
): Promise<ReadyDatabase> {
  for (const [name, url] of urlsOf(external)) await untilAvailable(() => checkDatabase(name, url), waiting)
  const appRole = decodeURIComponent(new URL(external.appUrl).username)
  await untilAvailable(
    () =>
      migrate({
        ownerUrl: external.ownerUrl,
        onApplied: progress.onMigrated,
        // With one role for both there is nobody to grant to.
        ...(external.oneRole ? {} : { afterMigrate: (owner: pg.Client) => grantApplication(owner, appRole) }),
      }),
    waiting,
  )
  return { appUrl: external.appUrl, [Symbol.asyncDispose]: () => Promise.resolve() }
}

function urlsOf(external: ExternalDatabase): [string, string][] {
  const app: [string, string] = ['DATABASE_URL', external.appUrl]
  return external.ownerUrl === external.appUrl ? [app] : [app, ['MIGRATION_DATABASE_URL', external.ownerUrl]]
}

/**
 * Connects once and looks at the version.
 * @throws DatabaseError when this will not change by itself; anything else by which {@link isUnavailable} is true.
 */
export async function checkDatabase(variable: string, url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'fieldsync-start',
    connectionTimeoutMillis: 5000,
  })
  client.on('error', () => undefined) // A lost connection also rejects the query under way.
  try {
    await client.connect()
    const { rows } = await client.query<{ number: string; version: string }>(
      `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
    )
    if (Number(rows[0]?.number) < OLDEST_VERSION) {
      throw new DatabaseError(
        `the database of ${variable} is PostgreSQL ${rows[0]?.version ?? '?'}; Fieldsync needs version 15 or newer`,
      )
    }
  } catch (error) {
    if (error instanceof DatabaseError || isUnavailable(error)) throw error
    throw new DatabaseError(`the database of ${variable} refuses us: ${messageOf(error)}`, { cause: error })
  } finally {
    await client.end().catch(() => undefined)
  }
}
