import type { Database } from '@fieldsync/db'
import { type Live, startLive } from '@fieldsync/services'
import type { Logger } from 'pino'

import type { ServerEnv } from '../env/server-env.ts'
import { messageOf } from '../log/error-fields.ts'

/**
 * Starts the live pokes of this process. If it receives nothing from other servers, it logs this once and continues:
 * its clients are notified of its own writes, and find the others' by their timer.
 */
export function openLive(
  env: ServerEnv,
  database: { readonly db: Database; readonly url: string; readonly pepper: Buffer },
  logger: Logger,
): Live {
  let deaf = false
  return startLive({
    ...database,
    limits: env.live,
    onHearing: () => {
      if (deaf) logger.info('receiving notifications from other servers again')
      deaf = false
    },
    onDeaf: (reason) => {
      if (!deaf)
        logger.warn({ reason: messageOf(reason) }, 'not receiving notifications from other servers; retrying')
      deaf = true
    },
  })
}
