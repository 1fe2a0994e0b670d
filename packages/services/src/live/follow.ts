import type { LivePokeEvent } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { unavailable } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'

/**
 * Stays connected and is poked when there is something new in the caller's workspace, by whomever it was written
 * (LIV rules). The stream ends when the caller returns it, loses its rights, or the server drains.
 *
 * @throws ServiceError UNAVAILABLE; so does the stream at its end, or AUTH_REQUIRED
 */
export const followWorkspace = verb(
  'sync',
  async ({ ctx }: { ctx: ServiceContext; input: object }): Promise<AsyncIterable<LivePokeEvent>> => {
    const { live } = ctx.runtime
    if (!live) throw unavailable('This server sends no live pokes.')
    return live.open(ctx.actor)
  },
)
