import type pg from 'pg'

import { QUEUE_SCHEMA } from '../jobs/install-queue.ts'
import type { StoredTable } from './stored-tables.ts'

/** The jobs of the queue as a backup has them: by what its functions take, and not by the tables of one of its versions. */
export const JOBS: StoredTable = {
  name: '_jobs',
  columns: ['task', 'payload', 'queue', 'run_at', 'attempts', 'max_attempts', 'job_key', 'priority'],
}

/** Every job, one that is being done as one that waits: after a restore no server is doing it any more. */
export const STORED_JOBS = `SELECT t.identifier, j.payload, q.queue_name, j.run_at, j.attempts, j.max_attempts, j.key, j.priority
  FROM ${QUEUE_SCHEMA}._private_jobs j JOIN ${QUEUE_SCHEMA}._private_tasks t ON t.id = j.task_id
    LEFT JOIN ${QUEUE_SCHEMA}._private_job_queues q ON q.id = j.job_queue_id
  ORDER BY j.id`

/** Where {@link STORED_JOBS} are loaded before they are added to the queue. */
export const createJobsTable = async (client: pg.Client): Promise<void> =>
  void (await client.query(`CREATE TEMPORARY TABLE ${JOBS.name} (task text, payload json, queue text, run_at timestamptz,
    attempts int, max_attempts int, job_key text, priority int) ON COMMIT DROP`))

/**
 * Adds the loaded jobs to the queue, with the attempts that they have had: one that had failed for good still waits for the operator
 * to retry it.
 */
export async function addLoadedJobs(client: pg.Client): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE _added_jobs ON COMMIT DROP AS
    SELECT added.id, j.attempts FROM ${JOBS.name} j CROSS JOIN LATERAL ${QUEUE_SCHEMA}.add_job(j.task, j.payload, j.queue,
      run_at => j.run_at, max_attempts => j.max_attempts, job_key => j.job_key, priority => j.priority) added`)
  await client.query(`SELECT count(r.id) FROM _added_jobs a
    CROSS JOIN LATERAL ${QUEUE_SCHEMA}.reschedule_jobs(ARRAY[a.id], attempts => a.attempts) r WHERE a.attempts > 0`)
}
