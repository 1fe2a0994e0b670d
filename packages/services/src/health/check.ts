import type { Health } from '@fieldsync/contracts'

import type { Clock } from '../core/context.ts'
import type { Runtime } from '../core/runtime.ts'
import { mapUnavailable } from '../core/verb.ts'

/** Whether the server and its database answer, and take writes (OPS-1). @throws ServiceError UNAVAILABLE */
export async function checkHealth(args: {
  runtime: Runtime
  clock: Clock
  version: string
}): Promise<Health> {
  await mapUnavailable(() => args.runtime.db.monitor.check())
  const { clock, runtime, version } = args
  return {
    status: 'ok',
    timestamp: clock.now().toISOString(),
    version,
    ...(runtime.checkpoints?.contradicted === true && { audit: 'contradicted' as const }),
    ...((runtime.jobs?.counts.failed ?? 0) > 0 && { jobs: 'failed' as const }),
  }
}
