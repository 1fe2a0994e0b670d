import pg from 'pg'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

import { testDatabase } from '../testing/index.ts'
import { NoHeartbeat } from './heartbeat.ts'
import { listen, type ListenOptions, type ListenTiming } from './listen.ts'
import { MAX_NOTICE_BYTES, sendNotices } from './send-notifications.ts'

const CHANNEL = 'a channel'
const TIMING: ListenTiming = {
  answerWithinMs: 10_000,
  heartbeatEveryMs: 20,
  firstPauseMs: 1,
  longestPauseMs: 4,
}

const { appUrl, superuserUrl } = await testDatabase()
const elsewhere = await testDatabase()
const pool = new pg.Pool({ connectionString: appUrl, max: 2 })
const superuser = new pg.Pool({ connectionString: superuserUrl, max: 1 })
const otherPool = new pg.Pool({ connectionString: elsewhere.appUrl, max: 1 })
const pools = [pool, superuser, otherPool]
for (const each of pools) each.on('error', () => undefined)
afterAll(() => Promise.all(pools.map((each) => each.end())))

/** The reports of a listener, in order, to be waited for. */
class Heard {
  readonly #said: unknown[] = []
  #wake = (): void => undefined

  say(what: unknown): void {
    this.#said.push(what)
    this.#wake()
  }

  async next(): Promise<unknown> {
    while (this.#said.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#said.shift()
  }
}

function listening(options: Partial<ListenOptions> = {}): Heard {
  const heard = new Heard()
  const listener = listen({
    url: appUrl,
    sender: pool,
    channel: CHANNEL,
    timing: TIMING,
    onNotice: (payload) => heard.say(payload),
    onHearing: () => heard.say('hearing'),
    onDeaf: (reason) => heard.say(reason),
    ...options,
  })
  onTestFinished(() => listener[Symbol.asyncDispose]())
  return heard
}

const killListeners = () =>
  superuser.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'fieldsync-live'`,
  )

describe('a listener', () => {
  it('[LIV-8] receives what others send, several notifications of one statement too, and no probes', async () => {
    const heard = listening()
    expect(await heard.next()).toBe('hearing')
    const longest = 'x'.repeat(MAX_NOTICE_BYTES)
    await sendNotices(pool, CHANNEL, ['one', longest])
    await sendNotices(pool, 'another channel', ['not for us'])
    await sendNotices(pool, CHANNEL, ['two'])
    expect([await heard.next(), await heard.next(), await heard.next()]).toEqual(['one', longest, 'two'])
  })

  it('[LIV-9] reconnects after its connection was killed, however often', async () => {
    const heard = listening()
    expect(await heard.next()).toBe('hearing')
    for (const text of ['first', 'second']) {
      await killListeners()
      expect(await heard.next()).toBeInstanceOf(Error)
      expect(await heard.next()).toBe('hearing')
      await sendNotices(pool, CHANNEL, [text])
      expect(await heard.next()).toBe(text)
    }
  })

  it('[LIV-9] notices that it is deaf although its connection stands, and goes on trying', async () => {
    // Notifications do not cross from one database to another: to the listener that looks like a pooler that shares
    // sessions.
    let deaf = true
    const sender: ListenOptions['sender'] = {
      query: (...args: [never]) => (deaf ? otherPool : pool).query(...args),
    }
    const heard = listening({ sender, timing: { ...TIMING, answerWithinMs: 200 } })
    expect(await heard.next()).toBeInstanceOf(NoHeartbeat)
    expect(await heard.next()).toBeInstanceOf(NoHeartbeat)
    deaf = false
    let next = await heard.next()
    while (next instanceof NoHeartbeat) next = await heard.next()
    expect(next).toBe('hearing')
    deaf = true
    expect(await heard.next()).toBeInstanceOf(NoHeartbeat)
  })

  it('[LIV-9] stays when a probe cannot be sent: that says nothing of its own connection', async () => {
    let failures = 0
    const failing = Promise.withResolvers<void>()
    let broken = false
    const sender: ListenOptions['sender'] = {
      query: (...args: [never]) => {
        if (!broken) return pool.query(...args)
        if (++failures === 3) failing.resolve()
        return Promise.reject(new Error('the pool is full')) as never
      },
    }
    const heard = listening({ sender })
    expect(await heard.next()).toBe('hearing')
    broken = true
    await failing.promise
    await sendNotices(pool, CHANNEL, ['still here'])
    expect(await heard.next()).toBe('still here')
  })

  it('ends when it is disposed of, also while nothing can be reached', async () => {
    const heard = new Heard()
    const listener = listen({
      url: 'postgresql://app:secret@127.0.0.1:1/nowhere',
      sender: pool,
      channel: CHANNEL,
      timing: TIMING,
      onNotice: (payload) => heard.say(payload),
      onHearing: () => heard.say('hearing'),
      onDeaf: (reason) => heard.say(reason),
    })
    expect(await heard.next()).toMatchObject({ code: 'ECONNREFUSED' })
    await listener[Symbol.asyncDispose]()
  })
})
