import {
  ConnectionClosedError,
  connectOnce,
  isUnavailable,
  parseDatabaseUrl,
  prepareSchema,
  sharesSessions,
} from '@fieldsync/db'

import type { DatabaseEnv } from '../env/database-env.ts'
import { messageOf } from '../log/error-fields.ts'
import { DatabaseError } from './database-error.ts'
import { type DatabaseProgress, type ReadyDatabase, requireFinishedRestore } from './embedded.ts'
import { untilAvailable, type Waiting } from './until-available.ts'

const OLDEST_VERSION = 150_000

type ExternalDatabase = NonNullable<DatabaseEnv['external']>

/**
 * Waits for the database of `DATABASE_URL`, checks that it is suitable and applies pending migrations.
 * @throws DatabaseError when it refuses the connection permanently or is too old; MigrationError.
 */
export async function prepareExternalDatabase(
  external: ExternalDatabase,
  progress: Pick<DatabaseProgress, 'onMigrated'>,
  waiting: Waiting,
): Promise<ReadyDatabase> {
  for (const [name, url] of urlsOf(external)) await untilAvailable(() => checkDatabase(name, url), waiting)
  await untilAvailable(() => requireFinishedRestore(external.ownerUrl), waiting)
  await untilAvailable(
    () =>
      prepareSchema({
        ownerUrl: external.ownerUrl,
        onApplied: progress.onMigrated,
        appRole: appRoleOf(external),
      }),
    waiting,
  )
  return { appUrl: external.appUrl, [Symbol.asyncDispose]: () => Promise.resolve() }
}

/** Undefined with one role for both: there is no other role to grant to. */
export const appRoleOf = ({ appUrl, oneRole }: ExternalDatabase): string | undefined =>
  oneRole ? undefined : parseDatabaseUrl(appUrl).user

function urlsOf(external: ExternalDatabase): [string, string][] {
  const app: [string, string] = ['DATABASE_URL', external.appUrl]
  return external.ownerUrl === external.appUrl ? [app] : [app, ['MIGRATION_DATABASE_URL', external.ownerUrl]]
}

/**
 * Connects and checks whether the database is suitable: its version, sessions of our own (RUN-16), and writes.
 * @throws DatabaseError when this will not change by itself; anything else by which {@link isUnavailable} is true.
 */
export async function checkDatabase(variable: string, url: string): Promise<void> {
  try {
    await using connection = await connectOnce({ url, applicationName: 'fieldsync-start', silenceMs: 5000 })
    const { rows } = await connection.client.query<{ number: string; version: string; readOnly: boolean }>(
      `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
        pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS "readOnly"`,
    )
    const [found] = rows
    if (Number(found?.number) < OLDEST_VERSION) {
      throw new DatabaseError(
        `the database of ${variable} is PostgreSQL ${found?.version ?? '?'}; Fieldsync needs version 15 or newer`,
      )
    }
    if (await sharesSessions(connection, url)) {
      throw new DatabaseError(
        `the pooler in front of the database of ${variable} shares sessions between clients (for PgBouncer: ` +
          'pool_mode = transaction or statement); Fieldsync needs dedicated sessions: set pool_mode = session for it, ' +
          'or connect to PostgreSQL directly; see "Poolers" in docs/operations/database.md',
      )
    }
    if (found?.readOnly) throw new ConnectionClosedError('read_only')
  } catch (error) {
    if (error instanceof DatabaseError || isUnavailable(error)) throw error
    throw new DatabaseError(`the database of ${variable} cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
