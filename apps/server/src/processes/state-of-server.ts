import {
  type KnownNonce,
  noPlace,
  type ProofMemory,
  type ServerCondition,
  ServiceError,
  type SharedPlaces,
} from '@fieldsync/services'

import { type OwnRates, ratesOfServer } from '../http/rate-limiter.ts'
import { messageOf } from '../log/error-fields.ts'
import type { Condition, MainCalls, WorkerCalls } from './calls.ts'
import type { Channel } from './channel.ts'

const RETRY_SECONDS = 2

/** A worker's end of what its main process has in memory for all workers (RUN-55). */
export type StateOfServer = {
  readonly rates: OwnRates
  readonly proofs: ProofMemory
  readonly places: SharedPlaces
  /** A later stream of its device has the place of this one. */
  readonly replaced: (stream: number) => void
}

export function stateOfServer(
  channel: Channel<MainCalls, WorkerCalls>,
  rateLimitPerMinute: number | undefined,
): StateOfServer {
  const onReplaced = new Map<number, () => void>()
  let last = 0
  return {
    rates: ratesOfServer(rateLimitPerMinute, (key, points) => channel.call('spend', { key, points })),
    proofs: { use: (period: KnownNonce, id: string) => channel.call('useProof', { period, id }) },
    places: {
      take: async (device, replaced) => {
        const stream = ++last
        onReplaced.set(stream, replaced)
        if (!(await channel.call('takePlace', { device, stream }))) {
          onReplaced.delete(stream)
          throw noPlace()
        }
        return () => {
          // Of one that was replaced the place is another's.
          if (!onReplaced.delete(stream)) return
          channel.call('givePlaceBack', stream).catch(() => undefined)
        }
      },
    },
    replaced: (stream) => {
      const end = onReplaced.get(stream)
      onReplaced.delete(stream)
      end?.()
    },
  }
}

/** The condition of one process, for another one. */
export const asCondition = async (condition: Promise<ServerCondition>): Promise<Condition> => {
  try {
    return { canWrite: true, ...(await condition) }
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error))
    return { canWrite: false, message, reason: cause === undefined ? message : messageOf(cause) }
  }
}

/** The condition that another process has found. @throws ServiceError UNAVAILABLE */
export function conditionFrom(found: Condition): ServerCondition {
  if (found.canWrite) return found
  const cause = new Error(found.reason)
  throw new ServiceError('UNAVAILABLE', found.message, { retryAfterSeconds: RETRY_SECONDS, cause })
}

/** Of several processes: one that cannot write speaks for all. */
export function worstOf(conditions: readonly Condition[]): Condition {
  let isContradicted = false
  let failedJobs = 0
  for (const each of conditions) {
    if (!each.canWrite) return each
    isContradicted ||= each.isContradicted
    failedJobs = Math.max(failedJobs, each.failedJobs)
  }
  return { canWrite: true, isContradicted, failedJobs }
}
