import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

describe('sending', () => {
  it('[ENG-6, ENG-27] tries three times with waits from 0 to 1 s and 2 s, then defers', async () => {
    const { clock, anna } = await testWorld({ random: { next: () => 0.5 } })
    await anna.saved()
    const times: number[] = []
    anna.engine.subscribe(({ kind }) => kind === 'sent' && times.push(clock.now()))
    anna.link.next('unsent', 'unsent', 'unsent')
    const started = clock.now()
    await anna.sync()
    expect(times.map((time) => time - started)).toEqual([0, 500, 1500])
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', problem: 'no network', pending: 1 })
    expect(anna.eventsOf('sent').map(({ again }) => again)).toEqual([false, true, true])
    expect(anna.engine.status().nextTryAt).toBe(clock.now() + 1_000 + 7_500)
  })

  it('[ENG-27] waits twice as long from one failed cycle to the next, at most a quarter of an hour', async () => {
    const { clock, anna } = await testWorld({ random: { next: () => 1 } })
    const waits: number[] = []
    for (let run = 0; run < 8; run++) {
      // A smallest pull asks from the second time on whether it is the call.
      anna.link.next('unsent', 'unsent', 'unsent', 'unsent')
      await anna.sync()
      anna.link.clear()
      waits.push(((anna.engine.status().nextTryAt ?? 0) - clock.now() - 1_000) / 1_000)
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 900, 900])
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', nextTryAt: null })
    anna.link.next('unsent', 'unsent', 'unsent')
    await anna.sync()
    expect(anna.engine.status().nextTryAt).toBe(clock.now() + 16_000)
  })

  it('[ENG-27, GUA-10] the deferred sync comes by itself', async () => {
    const { clock, server, anna } = await testWorld()
    const { observationId } = await anna.saved()
    anna.link.next('unsent', 'unsent', 'unsent')
    await anna.sync()
    clock.advance((anna.engine.status().nextTryAt ?? 0) - clock.now())
    await anna.ended()
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it.each([-24 * 60 * 60_000, -1, 1, 24 * 60 * 60_000])(
    '[ENG-27, GUA-10] the deferred sync comes when it is due, though the clock was set by %i ms meanwhile',
    async (jump) => {
      const { clock, server, anna } = await testWorld()
      const { observationId } = await anna.saved()
      anna.link.next('unsent', 'unsent', 'unsent')
      await anna.sync()
      const wait = (anna.engine.status().nextTryAt ?? 0) - clock.now()
      anna.skew = jump
      clock.advance(wait - 1)
      await anna.ended()
      expect(server.observation(observationId)).toBeUndefined()
      clock.advance(1)
      await anna.ended()
      expect(server.observation(observationId)).toBeDefined()
    },
  )

  it('[ENG-6] a wait that the server asks for is kept within the cycle, beside the drawn one', async () => {
    const { clock, server, anna } = await testWorld({ random: { next: () => 0 } })
    anna.link.next({ ...server.refuse('RATE_LIMITED'), retryAfterMs: 7_000 })
    const started = clock.now()
    await anna.sync()
    expect(clock.now() - started).toBe(7_000)
    expect(anna.link.calls).toHaveLength(2)
  })

  it('[ENG-27] a long wait that the server asks for defers at once, and nothing but a person comes before it', async () => {
    const { clock, server, anna } = await testWorld()
    anna.link.next({ ...server.refuse('UNAVAILABLE'), retryAfterMs: 10 * 60_000 })
    await anna.sync()
    expect(anna.link.calls).toHaveLength(1)
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred' })
    expect(anna.engine.status().nextTryAt).toBeGreaterThanOrEqual(clock.now() + 10 * 60_000)
    anna.engine.foreground()
    await anna.ended()
    expect(anna.link.calls).toHaveLength(1)
    await anna.sync()
    expect(anna.link.calls).toHaveLength(2)
  })

  it('[ENG-27] a server that asks for a day is asked again after an hour', async () => {
    const { clock, server, anna } = await testWorld({ random: { next: () => 0 } })
    anna.link.next({ ...server.refuse('UNAVAILABLE'), retryAfterMs: 24 * 60 * 60_000 })
    await anna.sync()
    expect(anna.engine.status().nextTryAt).toBe(clock.now() + 60 * 60_000 + 1_000)
  })

  it('[ENG-6] an answer that was cut, to another batch or not adding up is asked for again, and replayed', async () => {
    const { server, anna } = await testWorld()
    const { observationId } = await anna.saved()
    anna.link.next(
      (answer) => ({ ...answer, body: answer.body.slice(0, -20) }),
      (answer) => ({ ...answer, body: answer.body.replace(/"syncId":"[^"]+"/, '"syncId":"another"') }),
    )
    await anna.sync()
    expect(anna.link.calls).toHaveLength(3)
    expect(new Set(anna.link.calls.map(({ body }) => body)).size).toBe(1)
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-54] an address that redirects is an error with the new address, asked once, and keeps the queue', async () => {
    const { anna } = await testWorld()
    await anna.saved()
    const address = 'https://new.example'
    anna.link.instead = () => {
      throw Object.assign(new Error('This address redirects.'), { kind: 'redirected', address })
    }
    await anna.sync()
    const problemDetail = { kind: 'redirected', address }
    expect(anna.engine.status()).toMatchObject({
      state: 'error',
      pending: 1,
      problem: 'This address redirects.',
      problemDetail,
    })
    expect(anna.eventsOf('failed')).toMatchObject([{ code: null, detail: problemDetail }])
    expect(anna.link.calls).toHaveLength(1)
    anna.link.instead = null
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({
      state: 'idle',
      pending: 0,
      problem: null,
      problemDetail: null,
    })
  })

  it('[ENG-27] a run that brought something in spite of its failure does not make the next wait longer', async () => {
    const { clock, anna } = await testWorld({ random: { next: () => 1 }, settings: { batchRecords: 1 } })
    for (let i = 0; i < 4; i++) await anna.saved()
    const waits: number[] = []
    for (let run = 0; run < 3; run++) {
      anna.link.next('pass', 'unsent', 'unsent', 'unsent', 'unsent')
      await anna.sync()
      anna.link.clear()
      waits.push(((anna.engine.status().nextTryAt ?? 0) - clock.now() - 1_000) / 1_000)
    }
    expect(waits).toEqual([15, 15, 15])
  })

  it('[HDR-6] sends the next batch of the same sync uncompressed where the first got through so alone', async () => {
    const { anna } = await testWorld({ settings: { batchRecords: 1 } })
    const asked: (boolean | undefined)[] = []
    anna.link.always = (answer, { uncompressed }) => {
      asked.push(uncompressed)
      return { ...answer, uncompressed: true }
    }
    for (let i = 0; i < 3; i++) await anna.saved()
    await anna.sync()
    expect(asked).toEqual([false, true, true])
  })

  it('[HDR-6] remembers for a week at which address bodies get through uncompressed alone', async () => {
    const { clock, anna } = await testWorld()
    const asked: (boolean | undefined)[] = []
    anna.link.always = (answer, { uncompressed }) => {
      asked.push(uncompressed)
      return { ...answer, uncompressed: true }
    }
    await anna.saved()
    await anna.sync()
    await anna.restart()
    await anna.saved()
    await anna.sync()
    expect(asked).toEqual([false, true])
    clock.advance(7 * 24 * 60 * 60_000 + 1)
    await anna.saved()
    await anna.sync()
    expect(asked).toEqual([false, true, false])
    Object.assign(anna.link, { address: 'https://another.example' })
    await anna.saved()
    await anna.sync()
    expect(asked).toEqual([false, true, false, false])
    // How long ago it was is not known once the clock was set back.
    anna.skew = -1
    await anna.saved()
    await anna.sync()
    expect(asked).toEqual([false, true, false, false, false])
  })
})
