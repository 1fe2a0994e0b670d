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

/** The synchronous standbys of the server (HA-5). */
export type StandbyFigures = {
  /** How many a commit waits for; 0 where it waits for none. */
  readonly required: number
  /** Those that are there; undefined where this role may not see it, which takes `pg_read_all_stats`. */
  readonly present: number | undefined
}

/** What a monitor wants to know of a database. */
export type DatabaseFigures = {
  readonly bytes: number
  readonly workspaces: number
  /** When the newest entry of any audit was written. */
  readonly newestAuditEntry: Date | undefined
  /** Undefined where there is no queue, or this role may not read it. */
  readonly jobs: JobFigures | undefined
  readonly standbys: StandbyFigures
}

const DATABASE = `SELECT pg_database_size(current_database())::float8 AS bytes,
    (SELECT count(*)::int FROM workspaces) AS workspaces,
    (SELECT max(e.at) FROM workspace_heads h
      JOIN audit_entries e ON e.workspace_id = h.workspace_id AND e.seq = h.audit_seq) AS newest,
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'graphile_worker' AND c.relname = '_private_jobs'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')) AS "hasJobs",
    current_setting('synchronous_standby_names') AS "standbyNames",
    current_setting('synchronous_commit') IN ('off', 'local') AS "waitsForNone",
    CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN (SELECT count(*)::int FROM pg_stat_replication
      WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')) END AS standbys`

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
    standbyNames: string
    waitsForNone: boolean
    standbys: number | null
  }>(DATABASE)
  const [row] = rows
  if (!row) throw new Error('the database returned no figures')
  const { bytes, workspaces, newest, hasJobs } = row
  const jobs = hasJobs ? (await db.pool.query<JobFigures>(JOBS)).rows[0] : undefined
  const required = row.waitsForNone ? 0 : requiredStandbys(row.standbyNames)
  const standbys = { required, present: row.standbys ?? undefined }
  return { bytes, workspaces, newestAuditEntry: newest ?? undefined, jobs, standbys }
}

/** How many standbys `synchronous_standby_names` wants: `FIRST 2 (a, b, c)`, `ANY 1 (a, b)`, `2 (a, b, c)`, `a, b` or `*`. */
export function requiredStandbys(names: string): number {
  if (names.trim() === '') return 0
  const [, count = '1'] = /^\s*(?:(?:first|any)\s+)?(\d+)\s*\(/i.exec(names) ?? []
  return Number(count)
}
