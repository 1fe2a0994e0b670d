import type { BackupKeep } from '../env/backup-env.ts'

type Dated = { readonly takenAt: Date }

const DAY_MS = 24 * 60 * 60 * 1000
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

const PERIODS = {
  days: (at: Date) => Math.floor(at.getTime() / DAY_MS),
  weeks: (at: Date) => Math.floor((at.getTime() - FIRST_MONDAY_MS) / (7 * DAY_MS)),
  months: (at: Date) => at.getUTCFullYear() * 12 + at.getUTCMonth(),
} as const

/**
 * The backups that are no longer kept (BAK-9): all but the newest one of each of the last so many days that have one, and of weeks
 * (from Monday) and months alike, in UTC. Days without a backup do not count, so that a server that was off for a month
 * loses none; the newest one is always kept.
 */
export function expiredBackups<T extends Dated>(backups: readonly T[], keep: BackupKeep): T[] {
  const newestFirst = backups.toSorted((one, other) => other.takenAt.getTime() - one.takenAt.getTime())
  const current = new Set(newestFirst.slice(0, 1))
  for (const unit of ['days', 'weeks', 'months'] as const) {
    const seen = new Set<number>()
    for (const backup of newestFirst) {
      const period = PERIODS[unit](backup.takenAt)
      if (seen.has(period)) continue
      if (seen.size === keep[unit]) break
      seen.add(period)
      current.add(backup)
    }
  }
  return newestFirst.filter((backup) => !current.has(backup))
}
