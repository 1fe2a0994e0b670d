import { readJobs, type StoredJob } from '@fieldsync/db'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'

/**
 * The jobs that are not done yet, of one workspace or of all, in the order in which they were added: for the operator (JOB-9).
 * @throws ServiceError UNAVAILABLE
 */
export const listJobs = ({
  ctx,
  input: { workspaceId, limit },
}: {
  ctx: AdminContext
  input: { workspaceId?: string | undefined; limit: number }
}): Promise<StoredJob[]> =>
  mapUnavailable(() => readJobs(ctx.runtime.db.pool, { workspaceId: workspaceId ?? null, limit }))
