import { type DatabaseEvents, type EmbeddedPostgresEvent, lockDataDir } from '@fieldsync/db'
import type { Logger } from 'pino'

import { type DatabaseProgress, type ReadyDatabase, startEmbeddedDatabase } from '../database/embedded.ts'
import { prepareExternalDatabase } from '../database/external.ts'
import type { DatabaseEnv } from '../env/database-env.ts'
import type { ServerEnv } from '../env/server-env.ts'
import { messageOf, reasonOf } from '../log/error-fields.ts'

/**
 * Locks the data folder for this process. With `DATABASE_URL` several servers may share a folder, which then contains
 * only secrets, so nothing is locked.
 * @throws DataDirLockedError
 */
export function claimDataDir(env: DatabaseEnv): Disposable {
  return env.external === undefined ? lockDataDir(env.dataDir) : { [Symbol.dispose]: () => undefined }
}

/** For starts, the command line, backups and the archive, beside what {@link connectionsOf} counts. */
const OTHER_CONNECTIONS = 30

/** How many connections the processes of a server open to its database at most. */
function connectionsOf({ workers, database: { poolMax }, jobConcurrency }: ServerEnv): number {
  const processes = workers > 1 ? workers + 1 : 1
  return processes * (poolMax + 1) + jobConcurrency + 1 + OTHER_CONNECTIONS
}

/**
 * A migrated database: our own, or the one of `DATABASE_URL` as soon as it can be reached (RUN-3).
 * @param onPostgres our own runs under this number, at the start and after each restart
 */
export async function openReadyDatabase(
  { database: env, ...others }: ServerEnv,
  logger: Logger,
  signal: AbortSignal,
  onPostgres?: (pid: number) => void,
): Promise<ReadyDatabase> {
  const progress: DatabaseProgress = {
    onEvent: (event) => {
      logPostgresEvent(logger, event)
      if (event.type === 'started' || event.type === 'restarted') onPostgres?.(event.pid)
    },
    onMigrated: (name, elapsedMs) =>
      logger.info({ file: name, ms: Math.round(elapsedMs) }, 'applied a schema change'),
  }
  if (env.external === undefined)
    return await startEmbeddedDatabase(env, progress, {
      connections: connectionsOf({ database: env, ...others }),
    })
  if (env.external.oneRole) {
    logger.warn(
      'DATABASE_URL and the migrations use one database role, so the audit is protected by triggers alone; ' +
        'see "Two database roles" in docs/operations/database.md',
    )
  }
  const onWaiting = (error: unknown, waitMs: number) =>
    logger.warn({ reason: reasonOf(error), nextTryMs: waitMs }, 'the database cannot be reached yet; waiting')
  return prepareExternalDatabase(env.external, progress, { signal, onWaiting })
}

/** Log lines for an operator about problems of the database. */
export function logDatabaseEvents(logger: Logger): DatabaseEvents {
  return {
    onConnectionClosed: (error) => logger.warn({ reason: messageOf(error) }, 'closed a database connection'),
    onRefusing: (reason) =>
      logger.error(
        { reason: messageOf(reason) },
        'the database does not confirm writes; they are refused until it does',
      ),
    onPrimaryChanged: (change) => logger.info(change, 'using this database server'),
    onServerRefused: ({ server, reason }) =>
      logger.warn({ server, reason: messageOf(reason) }, 'not using a database server that accepts writes'),
    onReplicaUsable: (replica) => logger.info(replica, 'reading from this replica'),
    onReplicaUnusable: ({ server, reason }) =>
      logger.warn(
        { server, reason: messageOf(reason) },
        'not reading from a replica; the primary answers in its place',
      ),
    onConfirmed: () => logger.info('the database confirms writes'),
  }
}

/** Logs the events of the embedded PostgreSQL. */
function logPostgresEvent(logger: Logger, event: EmbeddedPostgresEvent): void {
  const { type, ...fields } = event
  switch (type) {
    case 'initialised':
      return logger.info(fields, 'created a new database')
    case 'orphan-stopped':
      return logger.warn(fields, 'stopped the PostgreSQL that a killed server had left running')
    case 'started':
      return logger.info(fields, 'PostgreSQL is running')
    case 'exited':
      return logger.error(fields, 'PostgreSQL ended unexpectedly; it is being restarted')
    case 'restart-failed': {
      const { error: err, ...rest } = { error: undefined, ...fields }
      return logger.error({ ...rest, err }, 'PostgreSQL could not be restarted; retrying')
    }
    case 'restarted':
      return logger.warn(fields, 'PostgreSQL is running again')
    case 'stopped':
      return logger.info(fields, 'PostgreSQL has stopped')
  }
}
