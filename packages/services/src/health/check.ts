import type { Health } from '@fieldsync/contracts'
import type { Database } from '@fieldsync/db'

import type { Clock } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'

/** Whether the server and its database answer, and take writes (OPS-1). @throws ServiceError UNAVAILABLE */
export async function checkHealth(args: { db: Database; clock: Clock; version: string }): Promise<Health> {
  await mapUnavailable(() => args.db.monitor.check())
  return { status: 'ok', timestamp: args.clock.now().toISOString(), version: args.version }
}
