import { describe, expect, it } from 'vitest'

import { testPlatform } from '../testing/test-platform.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'

type Happening = (world: TestWorld & ReturnType<typeof testPlatform>) => Promise<unknown> | void

/** What starts a sync without a person (ENG-19). */
const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'the timer': () => undefined,
  'a poke': ({ pokeNow }) => pokeNow(),
  'a network that comes back': ({ switchTo }) => {
    switchTo(false)
    switchTo(true)
  },
  'a poke without a network': ({ switchTo, pokeNow }) => {
    switchTo(false)
    pokeNow()
  },
  'the app in the foreground': ({ anna }) => anna.engine.foreground(),
  'a write': ({ anna }) => anna.saved(),
  'a stop and a new start': async ({ anna }) => {
    await anna.engine.stop()
    anna.engine.start()
  },
}

const MINUTE = 60_000

describe.each([
  ['a call', 20_000],
  ['a call', 12 * MINUTE],
  ['the first contact', 20_000],
  ['the first contact', 12 * MINUTE],
])('a server that answers %s with Retry-After %i ms', (asked, retryAfterMs) => {
  it.each(Object.entries(HAPPENINGS))(
    '[ENG-6, ENG-27] is left alone for that time by %s, and asked soon after it',
    async (_, happening) => {
      const platform = testPlatform()
      const world = { ...(await testWorld(platform.options)), ...platform }
      const { clock, server, anna } = world
      const pause = { ...server.refuse('UNAVAILABLE'), retryAfterMs }
      const pauses = [pause]
      if (asked === 'a call') anna.link.next(pause)
      else anna.link.sessionInstead = () => pauses.pop() ?? null
      const requests = () => anna.link.calls.length + anna.link.sessions
      anna.engine.start()
      await anna.ended()
      const before = requests()
      const end = clock.now() + retryAfterMs
      const step = retryAfterMs / 8
      while (clock.now() + step < end) {
        await happening(world)
        clock.advance(step)
        await anna.ended()
        expect(requests(), `${end - clock.now()} ms before its end`).toBe(before)
      }
      platform.switchTo(true)
      // The longest first wait of a deferred run, on top.
      clock.advance(step + 16_000)
      await anna.ended()
      expect(requests()).toBeGreaterThan(before)
      expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
      await anna.engine.stop()
    },
  )

  it('[ENG-27] is asked at once by a person', async () => {
    const { server, anna } = await testWorld()
    const pauses = [{ ...server.refuse('UNAVAILABLE'), retryAfterMs: 12 * MINUTE }]
    anna.link.sessionInstead = () => pauses.pop() ?? null
    await anna.sync()
    expect(anna.link.calls).toHaveLength(0)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', nextTryAt: null, problem: null })
    expect(anna.link.calls).toHaveLength(1)
  })
})
