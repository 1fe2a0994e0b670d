import { Logger, runMigrations } from 'graphile-worker'
import pg from 'pg'

import { primaryClient } from '../connection/primary-client.ts'
import { Primary } from '../connection/primary.ts'
import { MigrationError } from '../migrate/migration-error.ts'

/** Where graphile-worker keeps its tables. */
export const QUEUE_SCHEMA = 'graphile_worker'

const INSUFFICIENT_PRIVILEGE = '42501'
const CONNECT_MS = 5000

/** What the application's role does with each table of the queue: it adds jobs, takes them, and removes what is done. */
const NEEDED: Readonly<Record<string, string>> = {
  _private_jobs: 'SELECT, INSERT, UPDATE, DELETE',
  _private_job_queues: 'SELECT, INSERT, UPDATE',
  _private_tasks: 'SELECT, INSERT',
}

/**
 * Creates the tables and functions of the job queue, or brings them to the version that this build runs (JOB-5). Each of its
 * migrations is a transaction of its own; one that is interrupted is continued by the next call.
 *
 * @param ownerUrl of the role that owns the schema; it may create schemas in the database
 * @throws MigrationError where that role may not
 */
export async function installQueue(ownerUrl: string): Promise<void> {
  const primary = new Primary(ownerUrl)
  const pool = new pg.Pool({
    Client: primaryClient(primary),
    connectionString: primary.servers[0].url,
    max: 1,
    application_name: 'fieldsync-migrate',
    connectionTimeoutMillis: CONNECT_MS,
  })
  // A lost connection also rejects the running statement.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  try {
    await runMigrations({ pgPool: pool, schema: QUEUE_SCHEMA, logger: SILENT })
  } catch (cause) {
    if (cause instanceof pg.DatabaseError && cause.code === INSUFFICIENT_PRIVILEGE) {
      throw new MigrationError(
        `the job queue cannot be installed: ${cause.message}; the owner of the tables needs CREATE on the database ` +
          '(GRANT CREATE ON DATABASE … TO …), see docs/operations/background-jobs.md',
        { cause },
      )
    }
    throw cause
  } finally {
    await pool.end()
  }
}

const SILENT = new Logger(() => () => undefined)

/**
 * Gives the application's role what it needs of the queue. Its tables have row security without a policy, which shows their
 * rows to the owner alone: so each gets one for that role. Idempotent; run by the owner. Nothing where there is no queue.
 */
export async function grantQueue(owner: pg.Client, appRole: string): Promise<void> {
  const tables = Object.keys(NEEDED)
  const { rows } = await owner.query<{ installed: boolean; allowed: string[] }>(
    `SELECT to_regnamespace($1) IS NOT NULL AS installed,
      ARRAY(SELECT tablename::text FROM pg_policies WHERE schemaname = $1 AND policyname = $2) AS allowed`,
    [QUEUE_SCHEMA, appRole],
  )
  const [found] = rows
  if (!found?.installed) return
  const role = owner.escapeIdentifier(appRole)
  const missing = tables.filter((table) => !found.allowed.includes(table))
  await owner.query(
    [
      `GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO ${role}`,
      // The view that it documents, for monitors.
      `GRANT SELECT ON ${QUEUE_SCHEMA}.jobs TO ${role}`,
      ...tables.map((table) => `GRANT ${NEEDED[table] ?? ''} ON ${QUEUE_SCHEMA}.${table} TO ${role}`),
      ...missing.map((table) => `CREATE POLICY ${role} ON ${QUEUE_SCHEMA}.${table} TO ${role} USING (true)`),
    ].join(';\n'),
  )
}
