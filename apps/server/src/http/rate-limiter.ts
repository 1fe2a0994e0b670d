import type { RateKey, RateLimiter, RateVerdict } from '@fieldsync/api'
import type { Database } from '@fieldsync/db'
import { RateLimiterMemory, type RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'

import { sharedBudgets } from './shared-budgets.ts'

/** Per address. Well-behaved devices send none; a household of revoked ones stays below. */
const FAILED_CREDENTIALS_PER_MINUTE = 120
const ALLOWED: RateVerdict = { ok: true }

/**
 * Counts calls per device and refused credentials per address, both by the minute and in this process alone: with
 * several servers each grants the full rate (ERR-18). Keys live for a minute, so memory is bounded by the callers of
 * that minute.
 * Attempts of people are counted by all servers together (PEO-16).
 * @param devicePerMinute undefined for no limit on devices.
 * @param db where the servers count together
 */
export function createRateLimiter(devicePerMinute: number | undefined, db?: Database): RateLimiter {
  const devices = devicePerMinute === undefined ? undefined : perMinute(devicePerMinute)
  const failures = perMinute(FAILED_CREDENTIALS_PER_MINUTE)
  const shared = sharedBudgets(db)
  return {
    consume: (key, points) => {
      if (!isOwn(key)) return shared(key, (limiter, rest) => spend(limiter, rest, points))
      const limiter = key.startsWith('device:') ? devices : failures
      return limiter === undefined ? ALLOWED : spend(limiter, key, points)
    },
  }
}

type OwnKey = Extract<RateKey, `device:${string}` | `failed-credential:${string}`>

const isOwn = (key: RateKey): key is OwnKey =>
  key.startsWith('device:') || key.startsWith('failed-credential:')

function perMinute(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: 60 })
}

async function spend(
  limiter: RateLimiterMemory | RateLimiterPostgres,
  key: string,
  points: number,
): Promise<RateVerdict> {
  try {
    await limiter.consume(key, points)
    return ALLOWED
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) }
  }
}
