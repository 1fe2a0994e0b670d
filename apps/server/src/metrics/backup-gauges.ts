import { Gauge, type Registry } from 'prom-client'

/** Takes note of what the server's own backups are like (BAK-10). */
export type BackupMarks = {
  /** How old the newest one may be, seconds; said once, by a server that has a place for backups. */
  readonly interval: (seconds: number) => void
  /** The newest one in the place, whichever server made it. */
  readonly newest: (backup: { readonly takenAt: Date; readonly bytes: number }) => void
  /** This server has made one. */
  readonly made: (seconds: number) => void
  readonly failing: (isFailing: boolean) => void
  /** The newest base of the archive of the embedded database, and whether its write-ahead log arrives there. */
  readonly archive: (state: { readonly newestBase: Date | undefined; readonly isFailing: boolean }) => void
}

/** Gauges of backups; all 0 where the server makes none. */
export function backupGauges(registry: Registry): BackupMarks {
  const registers = [registry]
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers })
  const last = gauge(
    'fieldsync_backup_last_success_timestamp_seconds',
    'When the newest backup in BACKUP_DIR or BACKUP_S3_URL was taken.',
  )
  const size = gauge('fieldsync_backup_size_bytes', 'Size of that backup.')
  const duration = gauge('fieldsync_backup_duration_seconds', 'How long the last backup of this server took.')
  const interval = gauge('fieldsync_backup_interval_seconds', 'How often one is due; 0 where none is.')
  const failing = gauge('fieldsync_backup_failing', '1 while the last attempt of this server has failed.')
  const base = gauge(
    'fieldsync_wal_archive_base_timestamp_seconds',
    'When the newest base of the archive was taken.',
  )
  const archive = gauge('fieldsync_wal_archive_failing', '1 while the write-ahead log cannot be archived.')
  return {
    interval: (seconds) => interval.set(seconds),
    newest: ({ takenAt, bytes }) => {
      last.set(takenAt.getTime() / 1000)
      size.set(bytes)
    },
    made: (seconds) => duration.set(seconds),
    failing: (isFailing) => failing.set(Number(isFailing)),
    archive: ({ newestBase, isFailing }) => {
      if (newestBase) base.set(newestBase.getTime() / 1000)
      archive.set(Number(isFailing))
    },
  }
}
