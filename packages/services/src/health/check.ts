import type { Health } from '@fieldsync/contracts'

import type { Clock } from '../core/context.ts'
import type { Runtime, ServerCondition } from '../core/runtime.ts'
import { mapUnavailable } from '../core/verb.ts'

/** Whether the server and its database answer, and take writes (OPS-1). @throws ServiceError UNAVAILABLE */
export async function checkHealth(args: {
  runtime: Runtime
  clock: Clock
  version: string
}): Promise<Health> {
  const { clock, runtime, version } = args
  const { isContradicted, failedJobs } = await (runtime.processes?.condition() ?? conditionOf(runtime))
  return {
    status: 'ok',
    timestamp: clock.now().toISOString(),
    version,
    ...(isContradicted && { audit: 'contradicted' as const }),
    ...(failedJobs > 0 && { jobs: 'failed' as const }),
  }
}

/** The condition of one process. @throws ServiceError UNAVAILABLE while it cannot write */
export async function conditionOf(runtime: Runtime): Promise<ServerCondition> {
  await mapUnavailable(() => runtime.db.monitor.check())
  return {
    isContradicted: runtime.checkpoints?.contradicted === true,
    failedJobs: runtime.jobs?.counts.failed ?? 0,
  }
}
