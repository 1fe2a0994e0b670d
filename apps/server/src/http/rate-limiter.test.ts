import { expect, it } from 'vitest'

import { createRateLimiter, ownRates } from './rate-limiter.ts'

it('[ERR-18] refuses beyond the rate, says when to retry, and does not affect other devices', async () => {
  const limiter = createRateLimiter(ownRates(3))
  expect(await limiter.consume('device:ws/dev_a', 2)).toEqual({ ok: true })
  expect(await limiter.consume('device:ws/dev_a', 1)).toEqual({ ok: true })
  const refused = await limiter.consume('device:ws/dev_a', 1)
  expect(refused).toMatchObject({ ok: false })
  expect(refused.ok || refused.retryAfterSeconds).toBeGreaterThanOrEqual(1)
  expect(refused.ok || Number.isInteger(refused.retryAfterSeconds)).toBe(true)
  expect(await limiter.consume('device:ws/dev_b', 1)).toEqual({ ok: true })
})

it('counts refused credentials per address, also when devices have no limit', async () => {
  const limiter = createRateLimiter(ownRates(undefined))
  for (let i = 0; i < 120; i++)
    expect(await limiter.consume('failed-credential:10.0.0.1', 1)).toEqual({ ok: true })
  expect(await limiter.consume('failed-credential:10.0.0.1', 1)).toMatchObject({ ok: false })
  expect(await limiter.consume('failed-credential:10.0.0.2', 1)).toEqual({ ok: true })
  for (let i = 0; i < 2000; i++) expect(limiter.consume('device:ws/dev_a', 1)).toEqual({ ok: true })
})
