import { commitWrite, inTransaction, lockWorkspace, rescheduleJobs } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { CredentialChanged, ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'

type Call = { ctx: ServiceContext; input: { jobId?: string | undefined } }

/**
 * Makes jobs of the workspace that have failed due at once, with all their attempts: one, or all (JOB-9). Jobs that are being
 * done, or have not failed, are left as they are.
 *
 * @returns the ids of those jobs; for none nothing is changed
 * @throws ServiceError FORBIDDEN; NOT_FOUND where the named job has not failed; UNAVAILABLE
 */
export const retryJobs = verb('admin', async ({ ctx, input }: Call): Promise<string[] | ServiceError> => {
  const { workspaceId } = ctx.actor
  const { jobId = null } = input
  return await inTransaction(
    ctx.runtime.db,
    async (connection) => {
      await lockWorkspace(connection, workspaceId)
      const ids = isJobId(jobId) ? await rescheduleJobs(connection, workspaceId, jobId) : []
      if (ids.length === 0)
        return jobId === null
          ? ids
          : new ServiceError('NOT_FOUND', `No job ${jobId} of this workspace has failed.`)
      const { outcome } = await commitWrite(
        connection,
        baseWrite(ctx, {
          action: 'jobs.retry',
          at: ctx.clock.now(),
          target: { type: 'workspace', id: workspaceId },
          changes: ids.map((id) => ({ type: 'job', id, kind: 'retry', before: null, after: null })),
          requestSha256: null,
          outcome: { ok: true, code: null },
        }),
      )
      if (outcome === 'credential') return new CredentialChanged()
      if (outcome !== 'done') throw new Error(`the audit entry of a retry ended as ${outcome}`)
      return ids
    },
    Array.isArray,
  )
})

/** Anything else names no job. */
const isJobId = (text: string | null): boolean => text === null || /^\d{1,18}$/.test(text)
