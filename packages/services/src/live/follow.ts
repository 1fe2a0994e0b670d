import type { LivePokeEvent } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'
import { openLiveStream } from './start-live.ts'

/**
 * Stays connected and is poked when there is something new in the caller's workspace, by whomever it was written
 * (LIV rules). The stream ends when the caller returns it, loses its rights, or the server drains.
 *
 * @throws ServiceError UNAVAILABLE; so does the stream at its end, or AUTH_REQUIRED
 */
export const followWorkspace = verb(
  'sync',
  ({ ctx }: { ctx: ServiceContext; input: object }): Promise<AsyncIterable<LivePokeEvent>> =>
    Promise.resolve(openLiveStream(ctx.db, ctx.actor)),
)
