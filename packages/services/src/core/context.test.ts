import { afterEach, expect, it, vi } from 'vitest'

import { nowMicros, systemClock } from './context.ts'

afterEach(() => void vi.useRealTimers())

it('the clock of a server is that of its machine, in microseconds where effective times are compared', () => {
  const now = new Date('2026-02-12T08:00:00.123Z')
  vi.useFakeTimers({ now })
  expect(systemClock.now()).toEqual(now)
  expect(nowMicros(systemClock.now())).toBe(now.getTime() * 1000)
})
