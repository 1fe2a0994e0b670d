import { describe, expect, it } from 'vitest'

import { retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 1, 12, 8)
const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), NOW)

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['5', 5000],
    [' 120 ', 120_000],
  ])('in seconds: %j', (text, expected) => {
    expect(wait({ 'retry-after': text })).toBe(expected)
  })

  it('as a date is counted from the server’s own clock, since the device’s may be wrong', () => {
    const date = 'Thu, 12 Feb 2026 20:00:00 GMT'
    expect(wait({ 'retry-after': 'Thu, 12 Feb 2026 20:00:30 GMT', date })).toBe(30_000)
    expect(wait({ 'retry-after': 'Thu, 12 Feb 2026 19:00:00 GMT', date })).toBe(0)
  })

  it('as a date without the server’s is counted from the device’s clock', () => {
    expect(wait({ 'retry-after': 'Thu, 12 Feb 2026 08:01:00 GMT' })).toBe(60_000)
    expect(wait({ 'retry-after': 'Thu 12 Feb 2026 08:01:00 GMT' })).toBe(60_000)
    expect(wait({ 'retry-after': 'Thursday, 12-Feb-26 08:01:00 GMT', date: 'nonsense' })).toBe(60_000)
  })

  it.each([
    '',
    '-1',
    '1.5',
    'soon',
    '1e3',
    '2026-02-12T08:01:00Z',
    '0x10',
    'on Thu, 12 Feb 2026 08:01:00 GMT',
  ])('says nothing as %j', (text) => {
    expect(wait({ 'retry-after': text })).toBeUndefined()
  })

  it('is not there without the header', () => {
    expect(wait({})).toBeUndefined()
  })
})
