import type { Runtime } from '../core/runtime.ts'

/** Jobs of the queue, counted. */
export type JobFigures = {
  readonly due: number
  /** Not before a later time. */
  readonly waiting: number
  readonly running: number
  /** Given up after their last attempt. */
  readonly failed: number
  readonly oldestDueSeconds: number
}

/** What a monitor wants to know of a database. */
export type DatabaseFigures = {
  readonly bytes: number
  readonly workspaces: number
  /** When the newest entry of any audit was written. */
  readonly newestAuditEntry: Date | undefined
  /** Undefined where there is no queue, or this role may not read it. */
  readonly jobs: JobFigures | undefined
}

const DATABASE = `SELECT pg_database_size(current_database())::float8 AS bytes,
    (SELECT count(*)::int FROM workspaces) AS workspaces,
    (SELECT max(e.at) FROM workspace_heads h
      JOIN audit_entries e ON e.workspace_id = h.workspace_id AND e.seq = h.audit_seq) AS newest,
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'graphile_worker' AND c.relname = '_private_jobs'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')) AS "hasJobs"`

// A job is in exactly one of these states.
const JOBS = `SELECT
    count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
    count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts)::int AS failed,
    count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now())::int AS due,
    count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at > now())::int AS waiting,
    coalesce(extract(epoch FROM now() - min(run_at)
      FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now())), 0)::float8 AS "oldestDueSeconds"
  FROM graphile_worker._private_jobs`

/** Reads them in one or two statements, whose cost does not grow with the records (MON-5). */
export async function databaseFigures({ db }: Runtime): Promise<DatabaseFigures> {
  const { rows } = await db.pool.query<{
    bytes: number
    workspaces: number
    newest: Date | null
    hasJobs: boolean
  }>(DATABASE)
  const [row] = rows
  if (!row) throw new Error('the database returned no figures')
  const { bytes, workspaces, newest, hasJobs } = row
  const jobs = hasJobs ? (await db.pool.query<JobFigures>(JOBS)).rows[0] : undefined
  return { bytes, workspaces, newestAuditEntry: newest ?? undefined, jobs }
}
