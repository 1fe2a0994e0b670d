import type { RateLimiter, RateVerdict } from '@fieldsync/api'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Per address. Well-behaved devices send none; a household of revoked ones stays below. */
const FAILED_CREDENTIALS_PER_MINUTE = 120
const ALLOWED: RateVerdict = { ok: true }

/**
 * Counts calls per device and refused credentials per address, both by the minute and in this process alone: with
 * several servers each grants the full rate (ERR-18). Keys live for a minute, so memory is bounded by the callers of
 * that minute.
 * @param devicePerMinute undefined for no limit on devices.
 */
export function createRateLimiter(devicePerMinute: number | undefined): RateLimiter {
  const devices = devicePerMinute === undefined ? undefined : perMinute(devicePerMinute)
  const failures = perMinute(FAILED_CREDENTIALS_PER_MINUTE)
  return {
    consume: (key, points) => {
      const limiter = key.startsWith('device:') ? devices : failures
      return limiter === undefined ? ALLOWED : spend(limiter, key, points)
    },
  }
}

function perMinute(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: 60 })
}

async function spend(limiter: RateLimiterMemory, key: string, points: number): Promise<RateVerdict> {
  try {
    await limiter.consume(key, points)
    return ALLOWED
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) }
  }
}
