import fc from 'fast-check'
import { expect, it } from 'vitest'

import { expiredBackups } from './retention.ts'

const at = (text: string) => ({ takenAt: new Date(text) })
const remaining = (backups: readonly { takenAt: Date }[], keep: Parameters<typeof expiredBackups>[1]) => {
  const expired = new Set(expiredBackups(backups, keep))
  return backups
    .filter((backup) => !expired.has(backup))
    .map(({ takenAt }) => takenAt.toISOString().slice(0, 13))
}

it('[BAK-9] keeps the newest of each of the last days, weeks and months that have one', () => {
  const hourly = Array.from({ length: 24 * 60 }, (_, hour) => ({
    takenAt: new Date(Date.UTC(2026, 2, 31, 23) - hour * 3_600_000),
  }))
  expect(remaining(hourly, { days: 3, weeks: 0, months: 0 })).toEqual([
    '2026-03-31T23',
    '2026-03-30T23',
    '2026-03-29T23',
  ])
  // Weeks end on a Sunday: 29 and 22 March 2026.
  expect(remaining(hourly, { days: 1, weeks: 3, months: 2 })).toEqual([
    '2026-03-31T23',
    '2026-03-29T23',
    '2026-03-22T23',
    '2026-02-28T23',
  ])
})

it('[BAK-9] a server that was off for a year loses none, and the newest stays whatever the setting', () => {
  const old = [at('2025-01-01T00:00:00Z'), at('2025-01-02T00:00:00Z')]
  expect(remaining([...old, at('2026-03-01T00:00:00Z')], { days: 3, weeks: 0, months: 0 })).toHaveLength(3)
  expect(remaining(old, { days: 0, weeks: 0, months: 0 })).toEqual(['2025-01-02T00'])
})

it('[BAK-9] pruning after each backup keeps what pruning once would, and never more than was asked for', () => {
  const keep = { days: 3, weeks: 2, months: 2 }
  const hours = fc.uniqueArray(fc.nat(24 * 200), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(hours, (offsets) => {
      const backups = offsets
        .toSorted((a, b) => a - b)
        .map((hour) => ({ takenAt: new Date(Date.UTC(2026, 0, 1, hour)) }))
      const left: typeof backups = []
      for (const backup of backups) {
        left.push(backup)
        for (const expired of expiredBackups(left, keep)) left.splice(left.indexOf(expired), 1)
      }
      expect(left.length).toBeLessThanOrEqual(7)
      expect(new Set(left)).toEqual(
        new Set(backups.filter((each) => !expiredBackups(backups, keep).includes(each))),
      )
    }),
  )
})
