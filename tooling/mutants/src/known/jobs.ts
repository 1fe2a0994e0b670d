import type { KnownMutant } from './known-mutant.ts'

const QUEUE = 'packages/db/src/jobs/queue.ts'
const SERVE = 'packages/db/src/jobs/serve-queue.ts'
const RUNNER = ['packages/db/src/jobs/job-runner.pg.test.ts']
const JOBS = ['packages/services/src/jobs/jobs.pg.test.ts']

/** Mistakes that lose or double a background job, or leave the queue alone. */
export const JOB_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'job-of-a-write-that-was-refused',
    breaks: 'JOB-1: a write that is refused, repeated or taken back adds no job',
    file: 'packages/db/src/log/commit.ts',
    find: "outcome = 'done' AND (${JOBS}::text[])[n] IS NOT NULL",
    replace: '(${JOBS}::text[])[n] IS NOT NULL',
    tests: JOBS,
  },
  {
    name: 'job-taken-from-a-server-at-work',
    breaks: 'JOB-3: a server is gone when its connection is',
    file: QUEUE,
    find: 'WHERE pg_try_advisory_xact_lock(${RUNNER_LOCKS}, hashtext(locked_by))',
    replace: 'WHERE true',
    tests: RUNNER,
  },
  {
    name: 'job-not-given-back-at-the-end',
    breaks: 'JOB-4: what does not finish in time is given back',
    file: SERVE,
    find: "  serving.giveUp.addEventListener('abort', giveBack, { once: true })\n",
    replace: '',
    tests: RUNNER,
  },
  {
    name: 'queue-left-after-a-lost-connection',
    breaks: 'JOB-6: the queue is served again after an outage',
    file: SERVE,
    find: 'setTimeout(() => life.abort(reason), DOUBT_MS).unref()',
    replace: 'void [life, reason]',
    tests: RUNNER,
  },
  {
    name: 'queue-left-after-a-job-that-could-not-be-marked',
    breaks:
      'JOB-6: the queue is served again after a completion that failed, whatever graphile-worker waits for',
    file: SERVE,
    find: 'await Promise.race([workers.promise, endAfterFailedCompletion(events, connections.pool)])',
    replace: 'await workers.promise',
    tests: RUNNER,
  },
  {
    name: 'job-continued-twice',
    breaks: 'JOB-7: what is left of a job takes its place, once',
    file: QUEUE,
    find: 'WHERE id = $1::bigint AND locked_by = $2 RETURNING',
    replace: "WHERE id = $1::bigint AND $2 <> '' RETURNING",
    tests: RUNNER,
  },
  {
    name: 'jobs-of-another-workspace-retried',
    breaks: 'JOB-9: jobs of one workspace are tried again',
    file: QUEUE,
    find: "WHERE payload->>'workspaceId' = $1 AND locked_at",
    replace: "WHERE $1 <> '' AND locked_at",
    tests: JOBS,
  },
]
