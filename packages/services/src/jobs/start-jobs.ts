import { type JobHandler, JobRunner, type JobRunnerOptions } from '@fieldsync/db'

import type { AdminContext } from '../core/context.ts'
import { JOB_TASKS, type JobPayload, type JobTask } from '../core/job-tasks.ts'
import type { Jobs } from '../core/runtime.ts'

/** Does a part of a job, as bounded as a request is. @returns the payload of what is left, undefined when it is done */
type TaskHandler<Task extends JobTask> = (call: {
  ctx: AdminContext
  payload: JobPayload<Task>
}) => Promise<JobPayload<Task> | undefined>

export type TaskHandlers = { readonly [Task in JobTask]: TaskHandler<Task> }

type JobsOptions = Omit<JobRunnerOptions, 'handlers'> & { readonly handlers: TaskHandlers }

/** Starts to do the jobs of the queue in this process: those of its own writes, and those of other servers' (JOB-2). */
export function startJobs(ctx: AdminContext, { handlers, ...options }: JobsOptions): Jobs {
  const { runtime } = ctx
  const runner = new JobRunner({
    ...options,
    handlers: new Map(
      Object.entries(handlers).map(([task, handle]) => [task, handlerOf(ctx, task as JobTask, handle)]),
    ),
  })
  const jobs: Jobs = {
    get running() {
      return runner.running
    },
    get counts() {
      return runner.counts
    },
    stop: (withinMs) => runner.stop(withinMs),
    [Symbol.asyncDispose]: async () => {
      runtime.jobs = undefined
      await runner.stop(0)
    },
  }
  runtime.jobs = jobs
  return jobs
}

/** What another build has added may look otherwise: it fails, and is left for that one. */
const handlerOf =
  <Task extends JobTask>(ctx: AdminContext, task: Task, handle: TaskHandler<Task>): JobHandler =>
  (payload) =>
    handle({ ctx, payload: JOB_TASKS[task].parse(payload) })
