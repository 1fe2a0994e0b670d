import { openDatabase } from '@fieldsync/db'
import { testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { createRateLimiter, ownRates } from './rate-limiter.ts'

const { appUrl } = await testDatabase()
const databases = [openDatabase({ url: appUrl, max: 2 }), openDatabase({ url: appUrl, max: 2 })]
afterAll(() => Promise.all(databases.map((each) => each.close())))
const [one, other] = databases.map((db) => createRateLimiter(ownRates(undefined), db))

it('[PEO-16] two servers count attempts together, also those that are made at once', async () => {
  const attempts = await Promise.all(
    Array.from({ length: 24 }, async (_, i) => (i % 2 === 0 ? one : other)?.consume('sign-in:somebody', 1)),
  )
  expect(attempts.filter((verdict) => verdict?.ok)).toHaveLength(10)
  const refused = attempts.find((verdict) => verdict?.ok === false)
  expect(refused).toMatchObject({ retryAfterSeconds: expect.any(Number) as number })
  expect(await one?.consume('sign-in:somebody else', 1)).toEqual({ ok: true })
  expect(await other?.consume('second-factor:somebody', 1)).toEqual({ ok: true })
})

it('[PEO-16] stores no address and no name of a person', async () => {
  const { rows } = (await databases[0]?.pool.query('SELECT key FROM rate_limits')) ?? { rows: [] }
  expect(rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(rows)).not.toContain('@')
})

it('[ERR-18] two servers count refused enrollments and requests for tokens together, each for itself', async () => {
  for (const kind of ['failed-enrollment', 'failed-token'] as const) {
    const verdicts = []
    for (let i = 0; i < 61; i++)
      verdicts.push(await one?.consume(`${kind}:10.0.0.9`, 1), await other?.consume(`${kind}:10.0.0.9`, 1))
    expect(
      verdicts.filter((verdict) => verdict?.ok),
      kind,
    ).toHaveLength(120)
    // One of them knows by now without a question, the other asks.
    expect([
      await one?.consume(`${kind}:10.0.0.9`, 1),
      await other?.consume(`${kind}:10.0.0.9`, 1),
    ]).toMatchObject([{ ok: false }, { ok: false }])
    expect(await one?.consume(`${kind}:10.0.0.8`, 1)).toEqual({ ok: true })
  }
})
