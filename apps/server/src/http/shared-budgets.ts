import type { RateVerdict, SharedRateKey } from '@fieldsync/api'
import type { Database } from '@fieldsync/db'
import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible'

const MINUTE = 60
const QUARTER_HOUR = 900
const DAY = 86_400

/**
 * How many attempts each budget has, and in how many seconds (PEO-16, ERR-18). Those that name a person together with an address bound
 * guessing without locking the person out elsewhere; the one that names a person alone is spent only by whoever knows the password.
 */
const BUDGETS: Readonly<
  Record<SharedRateKey extends `${infer Kind}:${string}` ? Kind : never, { points: number; duration: number }>
> = {
  'sign-in': { points: 10, duration: QUARTER_HOUR },
  'sign-in-address': { points: 100, duration: QUARTER_HOUR },
  'second-factor': { points: 10, duration: QUARTER_HOUR },
  'second-factor-person': { points: 100, duration: DAY },
  link: { points: 30, duration: QUARTER_HOUR },
  'failed-enrollment': { points: 120, duration: MINUTE },
  'failed-token': { points: 120, duration: MINUTE },
}
const KINDS = Object.keys(BUDGETS) as (keyof typeof BUDGETS)[]

/** Spends of a budget that all servers on one database share. */
export type SharedBudgets = (
  key: SharedRateKey,
  spend: (limiter: RateLimiterMemory | RateLimiterPostgres, key: string) => Promise<RateVerdict>,
) => Promise<RateVerdict>

/**
 * The budgets, counted in the database; in this process alone while that is away, where nobody can sign in anyway.
 * @param db without one they are counted in this process
 */
export function sharedBudgets(db: Database | undefined): SharedBudgets {
  const limiters = new Map(KINDS.map((kind) => [kind, limiterOf(kind, db)]))
  return async (key, spend) => {
    const kind = KINDS.find((each) => key.startsWith(`${each}:`))
    const limiter = kind && limiters.get(kind)
    return limiter ? await spend(limiter, key.slice((kind?.length ?? 0) + 1)) : { ok: true }
  }
}

function limiterOf(kind: keyof typeof BUDGETS, db: Database | undefined) {
  const budget = { ...BUDGETS[kind], keyPrefix: kind }
  if (!db) return new RateLimiterMemory(budget)
  return new RateLimiterPostgres({
    ...budget,
    storeClient: db.pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    // Once it is used up, a flood costs the database nothing.
    inMemoryBlockOnConsumed: budget.points + 1,
    // Expired rows are dropped with all others.
    clearExpiredByTimeout: false,
    insuranceLimiter: new RateLimiterMemory(budget),
  })
}
