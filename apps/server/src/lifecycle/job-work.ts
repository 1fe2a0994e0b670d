import { type AdminContext, startJobs, TASK_HANDLERS } from '@fieldsync/services'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { errorFields, messageOf } from '../log/error-fields.ts'

/**
 * Does background jobs in this process (JOB rules), unless it is set to do none. What is wrong with the queue is logged when it
 * begins and when it ends; a job that has failed for good as an error, since only an operator helps it on.
 */
export function doJobs(ctx: AdminContext, env: Pick<ServerEnv, 'jobConcurrency'>, logger: Logger): void {
  if (env.jobConcurrency === 0) return
  let inTrouble = false
  startJobs(ctx, {
    url: ctx.runtime.db.primary,
    handlers: TASK_HANDLERS,
    concurrency: env.jobConcurrency,
    onFailed: ({ attempt, error, isLast, jobId, payload, task }) => {
      const fields = { task, jobId, payload, attempt, err: errorFields(error) }
      if (isLast) logger.error(fields, 'a background job has failed for good; see `jobs list`')
      else logger.warn(fields, 'a background job has failed; trying again later')
    },
    onReleased: (runners) =>
      logger.warn({ runners: runners.length }, 'took over background jobs of a server that is gone'),
    onServing: () => {
      if (inTrouble) logger.info('doing background jobs again')
      inTrouble = false
    },
    onTrouble: (reason) => {
      if (!inTrouble)
        logger.warn({ reason: messageOf(reason) }, 'background jobs wait for the database; retrying')
      inTrouble = true
    },
  })
}
