import type { RateKey, RateLimiter, RateVerdict } from '@fieldsync/api'
import type { Database } from '@fieldsync/db'
import { RateLimiterMemory, type RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'

import { sharedBudgets } from './shared-budgets.ts'

/** Per address. Well-behaved devices send none; a household of revoked ones stays below. */
const FAILED_CREDENTIALS_PER_MINUTE = 120
const ALLOWED: RateVerdict = { ok: true }

/** Counts calls by a key of this server alone. */
export type OwnRates = (key: string, points: number) => RateVerdict | Promise<RateVerdict>

/**
 * Counts calls per device and refused credentials per address, both by the minute and in this server alone: with
 * several servers each grants the full rate (ERR-18). Keys live for a minute, so memory is bounded by the callers of
 * that minute.
 * @param devicePerMinute undefined for no limit on devices.
 */
export function ownRates(devicePerMinute: number | undefined): OwnRates {
  const devices = devicePerMinute === undefined ? undefined : perMinute(devicePerMinute)
  const failures = perMinute(FAILED_CREDENTIALS_PER_MINUTE)
  return (key, points) => {
    const limiter = isOfDevice(key) ? devices : failures
    return limiter === undefined ? ALLOWED : spend(limiter, key, points)
  }
}

/** The same in a process that asks another one, which counts for all processes of the server (RUN-55). */
export const ratesOfServer =
  (devicePerMinute: number | undefined, ask: OwnRates): OwnRates =>
  (key, points) =>
    devicePerMinute === undefined && isOfDevice(key) ? ALLOWED : ask(key, points)

/**
 * The rates of a server. Attempts of people are counted by all servers together (PEO-16).
 * @param own where this server's own keys are counted
 * @param db where the servers count together
 */
export function createRateLimiter(own: OwnRates, db?: Database): RateLimiter {
  const shared = sharedBudgets(db)
  return {
    consume: (key, points) =>
      isOwn(key) ? own(key, points) : shared(key, (limiter, rest) => spend(limiter, rest, points)),
  }
}

const isOfDevice = (key: string): boolean => key.startsWith('device:')

type OwnKey = Extract<RateKey, `device:${string}` | `failed-credential:${string}`>

const isOwn = (key: RateKey): key is OwnKey => isOfDevice(key) || key.startsWith('failed-credential:')

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
