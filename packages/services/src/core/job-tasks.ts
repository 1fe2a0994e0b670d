import { PlaybookId, WorkspaceId } from '@fieldsync/contracts'
import type { JobSpec } from '@fieldsync/db'
import { z } from 'zod'

/**
 * What the server does after a write, apart from the request (JOB rules): the payload of each task. A payload names ids alone:
 * erasing a record or a person need not look here. A build leaves tasks that it does not know to those that do.
 */
export const JOB_TASKS = {
  /**
   * Gives the pending recommendations that a version of a playbook affects their successors. `before`: the position in the log
   * down to which that has been done, from the newest.
   */
  recompute: z.strictObject({
    workspaceId: WorkspaceId,
    playbookId: PlaybookId,
    playbookVersion: z.int().min(1),
    before: z.int().min(0).optional(),
  }),
} as const

export type JobTask = keyof typeof JOB_TASKS
export type JobPayload<Task extends JobTask = JobTask> = z.infer<(typeof JOB_TASKS)[Task]>

/** A job to be added: `task`, and what it is about. */
export type NewJob = {
  [Task in JobTask]: { readonly task: Task; readonly payload: JobPayload<Task> }
}[JobTask]

/** With pauses of e, e², e³ … seconds between them, some four hours. */
const MOST_ATTEMPTS = 10

/** Jobs as the `jobs` of a write takes them, which adds them in its transaction (JOB-1); null for none. */
export const jobsOf = (jobs: readonly NewJob[]): string | null =>
  jobs.length === 0
    ? null
    : JSON.stringify(
        jobs.map(({ task, payload }): JobSpec => ({
          identifier: task,
          payload,
          max_attempts: MOST_ATTEMPTS,
        })),
      )
