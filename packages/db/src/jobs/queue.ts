import type { Queryable } from '../transaction.ts'
import { QUEUE_SCHEMA } from './install-queue.ts'

/** A job as graphile-worker's `job_spec` names its parts; what is left out has the default. */
export type JobSpec = {
  /** The task that does it. */
  readonly identifier: string
  readonly payload: object
  /** Attempts until it counts as failed. */
  readonly max_attempts?: number
}

/** SQL that adds the jobs of a JSON array of {@link JobSpec}, as part of any statement. @param json a parameter's place */
export const addJobsSql = (json: string): string =>
  `(SELECT count(*) FROM ${QUEUE_SCHEMA}.add_jobs(ARRAY(
    SELECT json_populate_recordset(NULL::${QUEUE_SCHEMA}.job_spec, ${json}::json))))`

/** Adds jobs, in the transaction that `connection` is in, if it is in one. */
export async function addJobs(connection: Queryable, jobs: readonly JobSpec[]): Promise<void> {
  await connection.query({
    name: 'add_jobs',
    text: `SELECT ${addJobsSql('$1')}`,
    values: [JSON.stringify(jobs)],
  })
}

// Both or neither, so that there are never two of one job: not where its server was taken for gone and another one has done
// it since, and not after a crash in between.
const CONTINUE = `WITH done AS (
    DELETE FROM ${QUEUE_SCHEMA}._private_jobs WHERE id = $1::bigint AND locked_by = $2 RETURNING task_id, max_attempts
  )
  SELECT next.id FROM done
    JOIN ${QUEUE_SCHEMA}._private_tasks t ON t.id = done.task_id
    CROSS JOIN LATERAL ${QUEUE_SCHEMA}.add_job(t.identifier, $3::json, max_attempts => done.max_attempts::int) next`

/** Puts the rest of a job that is being done at the end of the queue, in its place (JOB-4). */
export async function continueJob(
  connection: Queryable,
  job: { readonly id: string; readonly lockedBy: string },
  rest: object,
): Promise<void> {
  await connection.query({
    name: 'continue_job',
    text: CONTINUE,
    values: [job.id, job.lockedBy, JSON.stringify(rest)],
  })
}

/** Of the advisory locks by which runners show that they are connected; the second key is the runner's. */
const RUNNER_LOCKS = 72707371

/** Shows, for as long as this connection lives, that a runner is connected. Several connections may show the same one. */
export const SHOW_RUNNER = `SELECT pg_advisory_lock_shared(${RUNNER_LOCKS}, hashtext($1))`

// Whoever gets a runner's lock knows that its connection is gone; the lock ends with this statement.
const RELEASE = `WITH held AS MATERIALIZED (
    SELECT DISTINCT locked_by FROM ${QUEUE_SCHEMA}._private_jobs
      WHERE locked_by IS NOT NULL AND locked_at < now() - make_interval(secs => $1::float8 / 1000)
  ), gone AS MATERIALIZED (
    SELECT locked_by FROM held WHERE pg_try_advisory_xact_lock(${RUNNER_LOCKS}, hashtext(locked_by))
  )
  SELECT ARRAY(SELECT locked_by FROM gone) AS runners,
    ${QUEUE_SCHEMA}.force_unlock_workers(ARRAY(SELECT locked_by FROM gone))`

/**
 * Makes the jobs of runners that are gone available to others (JOB-3).
 * @param graceMs how long ago a job must have been taken: a runner takes the first before it can show itself
 * @returns the runners that are gone
 */
export async function releaseAbandoned(connection: Queryable, graceMs: number): Promise<string[]> {
  const { rows } = await connection.query<{ runners: string[] }>(RELEASE, [graceMs])
  return rows[0]?.runners ?? []
}

/** How many jobs there are, and since when the first of them waits. */
export type JobCounts = { readonly waiting: number; readonly running: number; readonly failed: number }

const COUNT = `SELECT (count(*) FILTER (WHERE is_available))::int AS waiting,
    (count(*) FILTER (WHERE locked_at IS NOT NULL))::int AS running,
    (count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts))::int AS failed
  FROM ${QUEUE_SCHEMA}._private_jobs`

export async function countJobs(connection: Queryable): Promise<JobCounts> {
  const { rows } = await connection.query<JobCounts>(COUNT)
  return rows[0] ?? { waiting: 0, running: 0, failed: 0 }
}

export type StoredJob = {
  readonly id: string
  readonly task: string
  readonly payload: Readonly<Record<string, unknown>>
  /** `retrying`: it has failed, and waits for its next attempt. */
  readonly state: 'waiting' | 'running' | 'retrying' | 'failed'
  readonly attempts: number
  readonly maxAttempts: number
  readonly addedAt: Date
  /** When it may be done. */
  readonly dueAt: Date
  readonly lastError: string | null
}

const LIST = `SELECT j.id::text AS id, t.identifier AS task, j.payload,
    CASE WHEN j.locked_at IS NOT NULL THEN 'running' WHEN j.attempts >= j.max_attempts THEN 'failed'
      WHEN j.attempts > 0 THEN 'retrying' ELSE 'waiting' END AS state,
    j.attempts, j.max_attempts AS "maxAttempts", j.created_at AS "addedAt", j.run_at AS "dueAt", j.last_error AS "lastError"
  FROM ${QUEUE_SCHEMA}._private_jobs j JOIN ${QUEUE_SCHEMA}._private_tasks t ON t.id = j.task_id
  WHERE ($1::text IS NULL OR j.payload->>'workspaceId' = $1)
  ORDER BY j.id LIMIT $2`

/** Jobs in the order in which they were added. @param workspaceId null for those of all workspaces */
export async function readJobs(
  connection: Queryable,
  { workspaceId, limit }: { workspaceId: string | null; limit: number },
): Promise<StoredJob[]> {
  return (await connection.query<StoredJob>(LIST, [workspaceId, limit])).rows
}

const RETRY = `SELECT j.id::text AS id FROM ${QUEUE_SCHEMA}.reschedule_jobs(ARRAY(
    SELECT id FROM ${QUEUE_SCHEMA}._private_jobs
      WHERE payload->>'workspaceId' = $1 AND locked_at IS NULL AND attempts > 0 AND ($2::bigint IS NULL OR id = $2)
  ), run_at => now(), attempts => 0) j ORDER BY j.id`

/** Makes jobs of a workspace that have failed due at once, with all their attempts. @returns their ids */
export async function rescheduleJobs(
  connection: Queryable,
  workspaceId: string,
  jobId: string | null,
): Promise<string[]> {
  const { rows } = await connection.query<{ id: string }>(RETRY, [workspaceId, jobId])
  return rows.map(({ id }) => id)
}
